"""The dashboard says what is so: a worked example, counted by hand; and Boston's own flags, reckoned again."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask.testing import FlaskClient

from crew_app.city_score import city_score, metric_score, window
from crew_app.extensions import db
from crew_app.models import Case, Service
from crew_app.transaction import transaction
from crew_app.wire.open_data import BadRow, parse_row, read_rows, survey

BOSTON = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=BOSTON)


def case(service: str, due: datetime | None, closed: datetime | None, opened: datetime | None = None) -> None:
    with transaction() as tx:
        kind = tx.session.scalars(db.select(Service).where(Service.code == service)).one()
        number = f"x-{tx.session.scalar(db.select(db.func.count()).select_from(Case))}"
        tx.session.add(
            Case(
                number=number, service_id=kind.id, department_id=kind.department_id, status="closed" if closed else "received",
                outcome="fixed" if closed else None, opened_at=opened or (closed or due or NOW) - timedelta(hours=20), due_at=due,
                closed_at=closed, updated_at=NOW,
            )
        )  # fmt: skip


def csv_of(client: FlaskClient, code: str) -> list[list[str]]:
    answer = client.get(f"/dashboard/{code}.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text)))


@pytest.mark.parametrize(
    ("kept", "decided", "score"),
    # By hand: share / 0.8, rounded up.
    [
        (4, 5, "1.00"),
        (5, 5, "1.25"),
        (0, 5, "0.00"),
        (1, 3, "0.42"),
        (2, 3, "0.84"),
        (7, 9, "0.98"),
        (799, 1000, "1.00"),
        (1, 800, "0.01"),
    ],
)
def test_a_metrics_score_is_its_share_over_the_target_rounded_up(kept: int, decided: int, score: str) -> None:
    found = metric_score(kept, decided)
    assert found is not None and f"{float(found):.2f}" == score


def test_a_metric_about_which_nothing_was_decided_is_left_out() -> None:
    assert metric_score(0, 0) is None
    assert city_score([Fraction(5, 4), None, Fraction(1, 2)]) == Fraction(88, 100)  # 0.875, up
    assert city_score([None]) is None


def test_windows_are_whole_days_by_the_citys_clock_up_to_yesterday() -> None:
    start, end = window("week", NOW.date(), BOSTON)
    assert (start.isoformat(), end.isoformat()) == ("2026-11-18T00:00:00-05:00", "2026-11-25T00:00:00-05:00")
    start, _ = window("month", NOW.date(), BOSTON)
    assert start.isoformat() == "2026-10-26T00:00:00-04:00"  # the clocks changed in between


@time_machine.travel(NOW, tick=False)
def test_cityscore_equals_a_table_counted_by_hand(client: FlaskClient, city) -> None:
    """day    week    month   quarter     (kept/decided, then share / 0.8 rounded up)
    Pothole          1/2    2/4     3/5     3/6         0.63   0.63   0.75   0.63
    Tree             -      1/1     1/1     2/2         -      1.25   1.25   1.25
    CityScore                                           0.63   0.94   1.00   0.94
    """
    hour, day = timedelta(hours=1), timedelta(days=1)
    yesterday = NOW.replace(hour=12) - day
    case("pothole", yesterday + hour, yesterday)  # kept, yesterday
    case("pothole", yesterday, None)  # ran out yesterday
    case("pothole", NOW - 3 * day, NOW - 3 * day - hour)  # kept, this week
    case("pothole", NOW - 4 * day, NOW - 2 * day)  # ran out this week, closed later: decided once, when it ran out
    case("pothole", NOW - 20 * day, NOW - 20 * day)  # kept to the minute
    case("pothole", NOW - 60 * day, NOW - 59 * day)  # ran out
    case("tree", NOW - 2 * day, NOW - 5 * day)  # kept
    case("tree", NOW - 40 * day, NOW - 41 * day)  # kept
    case("tree", None, NOW - 2 * day)  # nothing was promised
    case("pothole", NOW + day, None)  # nothing is decided yet
    case("pothole", NOW - hour, NOW - 2 * hour)  # today is not over
    case("pothole", NOW - 100 * day, None)  # before all windows
    assert csv_of(client, "cityscore") == [
        ["metric", "day", "week", "month", "quarter"],
        ["CityScore", "0.63", "0.94", "1.00", "0.94"],
        ["Pothole", "0.63", "0.63", "0.75", "0.63"],
        ["Tree", "", "1.25", "1.25", "1.25"],
    ]
    assert csv_of(client, "on-time-by-service")[1:] == [["Pothole", "3", "5", "60.0"], ["Tree", "1", "1", "100.0"]]
    assert csv_of(client, "on-time-by-department")[1:] == [["Public Works", "3", "5", "60.0"], ["Parks", "1", "1", "100.0"]]
    assert csv_of(client, "on-time-by-district")[1:] == [["No district", "4", "6", "66.7"]]
    page = client.get("/dashboard/").text
    assert "67 %" in page and "4 of 6 that were decided" in page and ">0.94<" in page


@time_machine.travel(NOW, tick=False)
def test_backlog_time_to_close_and_weeks_are_counted(client: FlaskClient, city) -> None:
    day = timedelta(days=1)
    for age in (0.5, 3, 3, 20, 400):
        case("tree", None, None, opened=NOW - age * day)
    for hours in (1, 5, 30, 30, 1000):
        case("tree", None, NOW - 2 * day, opened=NOW - 2 * day - timedelta(hours=hours))
    assert [int(row[1]) for row in csv_of(client, "backlog")[1:]] == [1, 2, 1, 0, 0, 1]
    assert [int(row[1]) for row in csv_of(client, "time-to-close")[1:]] == [1, 1, 2, 0, 0, 1]
    assert csv_of(client, "weeks")[-1] == ["2026-11-18", "7", "5"]
    assert "30 h" in client.get("/dashboard/").text


def test_every_figure_says_how_it_is_made_and_can_be_taken(client: FlaskClient, city) -> None:
    page = client.get("/dashboard/").text
    for code in ("cityscore", "on-time-by-service", "on-time-by-department", "on-time-by-district", "backlog", "time-to-close", "weeks", "workload"):  # fmt: skip
        assert f'href="/dashboard/{code}.csv"' in page
        assert client.get(f"/dashboard/{code}.csv").status_code == 200
    assert page.count("How this is made") == 8 and page.count("How it is counted") == 6
    assert client.get("/dashboard/none.csv").status_code == 404


def test_private_services_do_not_count(client: FlaskClient, city) -> None:
    case("pothole", None, None)
    with transaction() as tx:
        tx.session.scalars(db.select(Service).where(Service.code == "pothole")).one().is_public = False
    assert "<dd>0</dd>" in client.get("/dashboard/").text


@pytest.mark.real
def test_the_share_on_time_of_2011_is_the_files_own(real_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By our rule from the file's dates, beside the flags that the city set; of the rows whose dates can be read."""
    path = real_data / "boston_311_2011_h2.csv.gz"
    layout = survey(path, BOSTON).layout
    counts: Counter[str] = Counter()
    end = datetime(2022, 1, 1, tzinfo=BOSTON)  # the file was written years later: what is open in it is long overdue
    for raw in read_rows(path):
        flag = raw.cells[layout.places["on_time"]].strip()
        try:
            row = parse_row(raw.cells, layout, BOSTON)
        except BadRow:
            continue
        if not flag:
            continue
        ours = row.due_at is None or (row.closed_at or end) <= row.due_at
        counts["rows"] += 1
        counts["ours"] += ours
        counts["theirs"] += flag == "ONTIME"
        counts["same"] += ours == (flag == "ONTIME")
    with capsys.disabled():
        ours, theirs, same = (100 * counts[name] / counts["rows"] for name in ("ours", "theirs", "same"))
        print(
            f"\n2011: {counts['rows']:,} rows; on time by our clock {ours:.2f} %, by the file {theirs:.2f} %, the same {same:.2f} %"
        )
    assert abs(counts["ours"] - counts["theirs"]) / counts["rows"] < 0.005
