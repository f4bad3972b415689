"""Boston's own targets and on-time flags, against our clock: counts what agrees, names what does not.

The sample of 2015 to 2024 has its times moved from UTC (open, target and close alike: the closing remarks name an hour
later by the city's distance from UTC in all 4,683 rows that name one, and 04:30 and 03:30 stand for 08:30), so it is read
with `shifted`. The rows of 2011 are as written, and follow the promises of 2011: their N is another for several services,
holidays did not count, and some services' hours were longer; they are counted, and only what has not changed is held
to a bar.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crew_app.service_level import CityCalendar, due_at
from crew_app.wire.boston import KNOWN_TARGETS, YEARS_WITHOUT_HOLIDAYS, holidays, plain_name
from crew_app.wire.open_data import CityRow, parse_row, read_rows, survey

pytestmark = pytest.mark.once

BOSTON = ZoneInfo("America/New_York")
NO_HOLIDAYS = CityCalendar(BOSTON)
KEPT = CityCalendar(
    BOSTON, frozenset(day for year in range(2015, 2027) if year not in YEARS_WITHOUT_HOLIDAYS for day in holidays(year))
)
NEAR = timedelta(seconds=60)  # many opening times have lost their seconds; the targets made from them have not
SAMPLE, YEAR_2011 = "boston_311_2022_sample.csv", "boston_311_2011_h2.csv.gz"


def rows_of(path: Path, shifted: bool) -> Iterator[CityRow]:
    layout = survey(path, BOSTON).layout
    for raw in read_rows(path):
        yield parse_row(raw.cells, layout, BOSTON, shifted)


def compare(rows: Iterator[CityRow], city: CityCalendar) -> tuple[Counter[str], Counter[str]]:
    """(rows whose target is ours, all rows) of each service that promises something and of each row that has a target."""
    agree: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for row in rows:
        known = KNOWN_TARGETS.get(plain_name(row.service))
        if known is None or row.due_at is None:
            continue
        ours = due_at(row.opened_at, *known, city)
        assert ours is not None
        of[row.service] += 1
        agree[row.service] += abs(ours - row.due_at) <= NEAR
    return agree, of


def tell(title: str, agree: Counter[str], of: Counter[str]) -> None:
    print(f"\n{title}: {agree.total():,} agreeing of {of.total():,}")
    for service, count in of.most_common():
        if agree[service] < count:
            print(f"  {agree[service]:6,} of {count:6,}  {service}")


@pytest.mark.real
def test_targets_of_2015_to_2024(real_data: Path) -> None:
    agree, of = compare(rows_of(real_data / SAMPLE, shifted=True), KEPT)
    tell("2015 to 2024, with the holidays the city kept", agree, of)
    without, _ = compare(rows_of(real_data / SAMPLE, shifted=True), NO_HOLIDAYS)
    tell("2015 to 2024, as if there were no holidays", without, of)
    assert agree.total() >= 0.97 * of.total()
    assert agree.total() > without.total()


@pytest.mark.real
def test_targets_of_2011(real_data: Path) -> None:
    agree, of = compare(rows_of(real_data / YEAR_2011, shifted=False), NO_HOLIDAYS)
    tell("2011, by today's promises", agree, of)
    same = ["Rodent Activity", "Unsafe Dangerous Conditions", "Work w/out Permit", "Unsatisfactory Living Conditions"]
    assert all(agree[service] >= 0.99 * of[service] for service in same)


@pytest.mark.real
@pytest.mark.parametrize(("name", "shifted"), [(SAMPLE, True), (YEAR_2011, False)])
def test_on_time_flags(real_data: Path, name: str, shifted: bool) -> None:
    """ONTIME: no target, or closed by it. OVERDUE: closed after it, or open past it."""
    found: Counter[str] = Counter()
    for row in rows_of(real_data / name, shifted):
        flag = row.kept.get("on_time", "")
        late = row.due_at is not None and (row.closed_at is None or row.closed_at > row.due_at)
        found["agrees" if flag == ("OVERDUE" if late else "ONTIME") else f"differs: flag {flag or 'blank'}"] += 1
    print(f"\n{name}: {dict(found)}")
    assert set(found) <= {"agrees", "differs: flag blank"}, "every row that has a flag has ours"
    assert found["agrees"] >= 0.997 * found.total()
