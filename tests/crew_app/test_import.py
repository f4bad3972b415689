"""`flask import-cases`: three generations of columns in, every row accounted for, no work in hand disturbed."""

from __future__ import annotations

import csv
import gzip
import importlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crew_app.extensions import db
from crew_app.models import Assignment, Case, Department, EventRow, Service
from crew_app.services.assignments import assign_case
from crew_app.services.cases import close_by_office, reopen_case, withdraw_case
from crew_app.transaction import transaction
from crew_app.wire.open_data import COLUMNS

command = importlib.import_module("crew_app.cli.import_cases")  # the package has the command under that name
LEGACY, CURRENT, NEW = 0, 1, 2
OPEN_ROW = {
    "case_id": "101000000001",
    "open_date": "2022-01-02 14:11:49",
    "target_close_date": "2022-01-05 08:30:00",
    "close_date": "",
    "on_time": "ONTIME",
    "case_status": "Open",
    "closure_reason": " ",
    "case_title": "PRINTED : Request for Pothole Repair",
    "subject": "Public Works Department",
    "case_topic": "Highway Maintenance",
    "service_name": "Request for Pothole Repair",
    "assigned_team": "PWDx_District 1B: North End",
    "assigned_department": "PWDx",
    "submitted_photo": "https://city.test/one.jpg | https://city.test/two.jpg",
    "full_address": "22 Some St  Boston  MA  02109",
    "street_name": "22 Some St",
    "zip_code": "02109",
    "neighborhood": "Downtown / Financial District",
    "public_works_district": "1B",
    "fire_district": "3",
    "ward": "Ward 3",
    "precinct": "0302",
    "latitude": "42.3674",
    "longitude": "-71.0537",
    "report_source": "Citizens Connect App",
}
CLOSED_ROW = OPEN_ROW | {
    "close_date": "2022-01-03 06:52:40",
    "case_status": "Closed",
    "closure_reason": "Case Closed. Closed date : Mon Jan 03 06:52:40 EST 2022 Resolved All filled  ",
}
NEW_SYSTEM = {
    "case_id": "BCS-00000001",
    "open_date": "2026-03-20 09:00:00+00",
    "target_close_date": "2026-03-24 09:00:00+00",
    "assigned_department": "Public Works Department",
    "case_status": "In progress",
    "street_number": "22",
    "street_name": "Some St",
}


def write_csv(path: Path, *rows: dict[str, str], generation: int = LEGACY, header: Callable[[str], str] = str) -> Path:
    names = {name: aliases[generation] for name, aliases in COLUMNS.items() if aliases[generation]}
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([header(name) for name in names.values()])
    writer.writerows([row.get(name, " ") for name in names] for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


@pytest.fixture
def run(app: Flask) -> Callable[..., Any]:
    """run(file, ...) -> the command's result; it must not have raised."""

    def invoke(*args: object) -> Any:
        db.session.remove()
        result = app.test_cli_runner().invoke(args=["import-cases", *map(str, args)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        db.session.remove()
        return result

    return invoke


@pytest.fixture
def take(run: Callable[..., Any], tmp_path: Path) -> Callable[..., dict[str, int]]:
    """take(row, ...) imports these rows and returns the counts of the summary."""

    def imported(*rows: dict[str, str], **how: Any) -> dict[str, int]:
        result = run(write_csv(tmp_path / "cases.csv", *rows, **how))
        assert result.exit_code == 0, result.output
        return counts(result.output)

    return imported


def counts(output: str) -> dict[str, int]:
    found = {}
    for line in output.splitlines():
        number, _, word = line.strip().partition("  ")
        for name in ("new", "updated", "unchanged", "rejected"):
            if word.split(",")[0] == name:
                found[name] = int(number.replace(",", ""))
    return found


def the_case(number: str = "101000000001") -> Case:
    return db.session.scalars(select(Case).where(Case.number == number)).one()


def kinds(case_id: int) -> list[str]:
    return list(db.session.scalars(select(EventRow.kind).where(EventRow.case_id == case_id).order_by(EventRow.seq)))


def everything() -> tuple[int, ...]:
    tables = (Case, Service, Department, EventRow)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


ONE_NEW = {"new": 1, "updated": 0, "unchanged": 0, "rejected": 0}
ONE_UPDATED = {"new": 0, "updated": 1, "unchanged": 0, "rejected": 0}
ONE_UNCHANGED = {"new": 0, "updated": 0, "unchanged": 1, "rejected": 0}


# What a row becomes


def test_an_open_case_waits(take) -> None:
    assert take(OPEN_ROW) == ONE_NEW
    case = the_case()
    assert (case.status, case.outcome, case.closed_at, case.round) == ("received", None, None, 0)
    assert case.opened_at == datetime(2022, 1, 2, 19, 11, 49, tzinfo=UTC), "Boston's wall clock, in winter"
    assert case.due_at == datetime(2022, 1, 5, 13, 30, tzinfo=UTC), "the city's own target"
    assert (case.latitude, case.longitude, case.place_problem) == (42.3674, -71.0537, None)
    assert (case.address, case.postcode) == ("22 Some St Boston MA 02109", "02109")
    assert case.source == "Citizens Connect App"
    assert case.open_data == {
        "on_time": "ONTIME",
        "case_title": "PRINTED : Request for Pothole Repair",
        "subject": "Public Works Department",
        "case_topic": "Highway Maintenance",
        "assigned_team": "PWDx_District 1B: North End",
        "submitted_photo": "https://city.test/one.jpg | https://city.test/two.jpg",
        "street_name": "22 Some St",
        "public_works_district": "1B",
        "fire_district": "3",
        "ward": "3",
        "precinct": "0302",
    }
    assert kinds(case.id) == ["case_imported"]
    assert db.session.scalars(select(EventRow.body)).one() == {"is_new": True}


def test_a_closed_case_says_how_it_ended(take) -> None:
    take(CLOSED_ROW)
    case = the_case()
    assert (case.status, case.outcome, case.closing_note) == ("closed", "fixed", "All filled")
    assert case.closed_at == datetime(2022, 1, 3, 11, 52, 40, tzinfo=UTC)
    assert case.open_data is not None and case.open_data["closure_reason"].startswith("Case Closed.")


def test_what_is_unknown_is_made_and_reported(run, tmp_path: Path) -> None:
    needle = OPEN_ROW | {"case_id": "2", "service_name": "Needle Pickup", "target_close_date": "", "assigned_department": "XYZ_"}
    output = run(write_csv(tmp_path / "c.csv", OPEN_ROW, needle)).output
    assert "2  departments are new: PWDx (Public Works Department), XYZ_ (XYZ_)" in output
    assert "2  services are new: Needle Pickup, Request for Pothole Repair" in output
    pothole, needles = db.session.scalars(select(Service).order_by(Service.name.desc())).all()
    assert (pothole.target_days, pothole.target_calendar) == (1, "business")
    assert pothole.code == "Public Works Department:Highway Maintenance:Request for Pothole Repair"
    assert needles.target_days is None
    assert the_case("2").due_at is None


def test_a_service_has_the_department_most_rows_give_it(take) -> None:
    odd = OPEN_ROW | {"assigned_department": "INFO"}
    take(odd, OPEN_ROW | {"case_id": "2"}, OPEN_ROW | {"case_id": "3"})
    assert db.session.scalars(select(Service)).one().department.code == "PWDx"
    assert the_case().department.code == "INFO"
    assert the_case("2").department.code == "PWDx"


def test_a_known_service_is_used_whatever_its_code(city, take) -> None:
    take(OPEN_ROW | {"service_name": "pothole"})
    assert the_case().service.code == city.pothole


def test_without_a_target_in_the_file_our_clock_counts(take) -> None:
    take(OPEN_ROW | {"open_date": "2022-01-03 11:31:00", "target_close_date": " "})
    assert the_case().due_at == datetime(2022, 1, 4, 16, 31, tzinfo=UTC)


@pytest.mark.parametrize("generation", [LEGACY, CURRENT])
@pytest.mark.parametrize("header", [str.upper, str.title, lambda name: f" {name} ", str])
def test_legacy_generations_and_header_spellings_mean_the_same(take, generation: int, header) -> None:
    take(CLOSED_ROW)
    assert take(CLOSED_ROW, generation=generation, header=header) == ONE_UNCHANGED


def test_the_new_system(take) -> None:
    take(OPEN_ROW)
    row = OPEN_ROW | NEW_SYSTEM
    assert take(row, generation=NEW) == ONE_NEW
    case = the_case("BCS-00000001")
    assert case.opened_at == datetime(2026, 3, 20, 9, tzinfo=UTC), "an offset is believed"
    assert case.status == "received"
    assert case.department.code == "PWDx", "a department is known by its name, too"
    assert case.service_id == the_case().service_id
    assert case.open_data is not None
    assert (case.open_data["case_status"], case.open_data["street_number"]) == ("In progress", "22")


def test_a_byte_order_mark_a_gzip_and_foreign_columns_are_no_obstacle(run, tmp_path: Path) -> None:
    text = write_csv(tmp_path / "plain.csv", OPEN_ROW).read_text()
    header, row = text.splitlines()
    text = f"_id,{header.replace('ontime', 'OnTime_Status')},hours,hours,geom_4326\r\n7,{row},1.5,1.5,0101\r\n"
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    output = run(tmp_path / "c.csv.gz").output
    assert counts(output) == ONE_NEW
    assert "Columns left aside: hours\n" in output
    assert the_case().open_data["on_time"] == "ONTIME"  # type: ignore[index]


@pytest.mark.parametrize(
    ("latitude", "longitude", "problem"),
    [
        ("42.3594", "-71.0587", "stand_in"),
        ("42.35941", "-71.05872", "stand_in"),
        (" ", " ", "missing"),
        ("42.36", "", "missing"),
        ("0", "0", "zero"),
        ("-71.0537", "42.3674", "swapped"),
        ("40.7", "-74.0", "outside"),
    ],
)
def test_a_place_that_cannot_be_trusted_is_marked_and_kept(city, take, latitude: str, longitude: str, problem: str) -> None:
    take(OPEN_ROW | {"latitude": latitude, "longitude": longitude})
    case = the_case()
    assert case.place_problem == problem
    assert case.district_id is None


def test_a_place_in_the_city_has_a_district(city, take) -> None:
    take(OPEN_ROW)
    assert the_case().district_id is not None


@pytest.mark.parametrize(
    ("reason", "outcome", "detail", "note"),
    [
        ("Case Closed. Closed date : Sun Jan 02 11:03:10 EST 2022 Noted Seen ", None, None, "Seen"),
        ("Case Closed. Closed date : Sun Jan 02 11:03:10 EST 2022 Invalid No such street", "not_found", None, "No such street"),
        ("Case Closed. Closed date : 2022-01-03 10:35:57.797 Case Resolved Done  ", "fixed", None, "Done"),
        ("Case Closed Case Resolved  two  spaces", "fixed", None, "two spaces"),
        ("Case Closed. Closed date : 2022-01-03 10:35:57.797 Case Invalid x", "not_found", None, "x"),
        ("Case Closed. Closed date : 2022-01-03 10:35:57.797 Duplicate of Existing Case see 101004114069", "duplicate", "101004114069", "see 101004114069"),
        ("Case Closed. Closed date : 2022-01-03 10:35:57.797 Bulk Item Automation ", "scheduled", None, ""),
        ("Case Closed Case Scheduled Items on Monday", "scheduled", None, "Items on Monday"),
        ("Case Closed NOVIO: No Violation Found", "not_found", None, "NOVIO: No Violation Found"),
        ("Case Closed NOACC: Closed-No Access", "no_access", None, "NOACC: Closed-No Access"),
        ("Case Closed Case Referred Water", "not_ours", None, "Water"),
        ("Case Closed something else", None, None, "something else"),
        ("Case Closed. Closed date : 2022-01-03 10:35:57.797 : ", None, None, ""),
        (" ", None, None, ""),
    ],
)  # fmt: skip
def test_closing_remarks(take, reason: str, outcome: str | None, detail: str | None, note: str) -> None:
    take(CLOSED_ROW | {"closure_reason": reason})
    case = the_case()
    assert (case.outcome, case.outcome_detail, case.closing_note) == (outcome, detail, note)


def test_times_moved_from_utc(run, tmp_path: Path) -> None:
    row = CLOSED_ROW | {
        "open_date": "2022-01-02 09:11:49",
        "target_close_date": "2022-01-05 03:30:00",
        "close_date": "2022-01-03 01:52:40",
    }
    file = write_csv(tmp_path / "c.csv", row)
    assert "1 of 1 closing remarks" in run(file).output
    assert the_case().due_at == datetime(2022, 1, 5, 8, 30, tzinfo=UTC), "never corrected unasked"
    assert counts(run(file, "--shifted").output) == ONE_UPDATED
    case = the_case()
    assert case.opened_at == datetime(2022, 1, 2, 19, 11, 49, tzinfo=UTC)
    assert case.due_at == datetime(2022, 1, 5, 13, 30, tzinfo=UTC)
    assert case.closed_at == datetime(2022, 1, 3, 11, 52, 40, tzinfo=UTC)


# Again, and with news


def test_the_same_row_again_touches_nothing(take) -> None:
    take(OPEN_ROW, CLOSED_ROW | {"case_id": "2"})
    before, updated_at = everything(), the_case().updated_at
    assert take(OPEN_ROW, CLOSED_ROW | {"case_id": "2"}) == {"new": 0, "updated": 0, "unchanged": 2, "rejected": 0}
    assert (everything(), the_case().updated_at) == (before, updated_at)


def test_the_same_row_again_leaves_what_was_corrected_here(take) -> None:
    take(OPEN_ROW)
    with transaction() as tx:
        tx.session.get_one(Case, the_case().id).address = "corrected"
    assert take(OPEN_ROW) == ONE_UNCHANGED
    assert the_case().address == "corrected"


def test_a_changed_row_updates_and_is_told(take) -> None:
    take(OPEN_ROW)
    assert take(OPEN_ROW | {"full_address": "24 Some St", "assigned_team": "PWDx_Other"}) == ONE_UPDATED
    case = the_case()
    assert (case.address, case.open_data["assigned_team"]) == ("24 Some St", "PWDx_Other")  # type: ignore[index]
    assert kinds(case.id) == ["case_imported", "case_imported"]
    assert db.session.scalars(select(EventRow.body).order_by(EventRow.seq.desc())).first() == {"is_new": False}


def test_a_file_without_a_column_does_not_empty_it(run, take, tmp_path: Path) -> None:
    take(OPEN_ROW)
    names = ["case_id", "open_date", "close_date", "case_status", "service_name", "closure_reason"]
    text = ",".join(names) + "\n" + ",".join(CLOSED_ROW[name].strip() for name in names) + "\n"
    (tmp_path / "short.csv").write_text(text)
    assert counts(run(tmp_path / "short.csv").output) == ONE_UPDATED
    case = the_case()
    assert case.status == "closed"
    assert (case.address, case.latitude, case.source) == ("22 Some St Boston MA 02109", 42.3674, "Citizens Connect App")
    assert case.department.code == "PWDx"
    assert case.due_at == datetime(2022, 1, 5, 13, 30, tzinfo=UTC)
    assert case.open_data is not None and case.open_data["ward"] == "3"


def test_a_number_twice_in_a_file_the_later_row_wins(take) -> None:
    later = OPEN_ROW | {"full_address": "24 Some St"}
    assert take(OPEN_ROW, later, later) == {"new": 1, "updated": 1, "unchanged": 1, "rejected": 0}
    assert the_case().address == "24 Some St"


def test_the_city_closes_and_reopens_what_only_it_touched(take) -> None:
    take(OPEN_ROW)
    take(CLOSED_ROW)
    assert the_case().status == "closed"
    take(OPEN_ROW)
    case = the_case()
    assert (case.status, case.round, case.outcome, case.closed_at) == ("reopened", 1, None, None)
    assert kinds(case.id) == [
        "case_imported", "case_closed", "case_imported", "case_reopened", "case_imported",
    ]  # fmt: skip


def test_a_later_remark_replaces_the_earlier(take) -> None:
    take(CLOSED_ROW)
    take(CLOSED_ROW | {"closure_reason": "Case Closed Case Noted Too early"})
    assert (the_case().outcome, the_case().closing_note) == (None, "Too early")


# Work in hand


@pytest.fixture
def in_hand(city, take) -> int:
    """An imported case that a crew has; its id."""
    take(OPEN_ROW)
    case_id = the_case().id
    with transaction() as tx:
        assign_case(tx, case_id, city.crew_ids["PWD-1"], city.person_ids["dora"])
    return case_id


def test_news_about_a_case_in_hand_reaches_the_crew_and_leaves_it_there(in_hand: int, take) -> None:
    take(OPEN_ROW | {"full_address": "24 Some St"})
    case = the_case()
    assert (case.status, case.round, case.address) == ("assigned", 1, "24 Some St")
    assert db.session.scalars(select(Assignment)).one().ended_at is None
    assert kinds(in_hand)[-1] == "case_imported"


def test_a_closing_in_the_file_ends_the_assignment(in_hand: int, take) -> None:
    assert take(CLOSED_ROW) == ONE_UPDATED
    case = the_case()
    assert (case.status, case.round, case.outcome) == ("closed", 1, "fixed")
    assignment = db.session.scalars(select(Assignment)).one()
    assert assignment.ended_at is not None
    assert assignment.ended_why == "closed in the city's file"
    assert kinds(in_hand)[-2:] == ["case_closed", "case_imported"]


def test_an_opening_in_the_file_never_reopens_what_was_closed_here(in_hand: int, city, take) -> None:
    with transaction() as tx:
        close_by_office(tx, in_hand, "made_safe", None, "Cone set", city.person_ids["dora"])
    seen = kinds(in_hand)
    assert take(OPEN_ROW) == ONE_UNCHANGED
    assert kinds(in_hand) == seen
    assert take(OPEN_ROW | {"full_address": "24 Some St"}) == ONE_UPDATED
    case = the_case()
    assert (case.status, case.outcome, case.address) == ("closed", "made_safe", "24 Some St")
    take(CLOSED_ROW)
    assert (the_case().outcome, the_case().closing_note) == ("made_safe", "Cone set"), "who closed it said how"


def test_an_old_closing_in_the_file_does_not_undo_a_reopening_here(city, take) -> None:
    take(CLOSED_ROW)
    with transaction() as tx:
        reopen_case(tx, the_case().id, "still there", city.person_ids["dora"])
    take(CLOSED_ROW | {"case_title": "other"})
    assert the_case().status == "reopened"
    take(CLOSED_ROW | {"close_date": "2099-01-01 10:00:00"})
    assert the_case().status == "closed", "a later closing counts"


def test_what_was_withdrawn_here_stays_so(city, take) -> None:
    take(OPEN_ROW)
    with transaction() as tx:
        withdraw_case(tx, the_case().id, "by mistake", city.person_ids["dora"])
    take(CLOSED_ROW)
    assert the_case().status == "withdrawn"


def test_a_place_found_by_hand_is_kept(city, take) -> None:
    take(OPEN_ROW | {"latitude": "42.3594", "longitude": "-71.0587"})
    with transaction() as tx:
        case = tx.session.get_one(Case, the_case().id)
        case.latitude, case.longitude, case.place_problem = 42.36, -71.06, None
    take(OPEN_ROW | {"latitude": "42.3594", "longitude": "-71.0587", "case_title": "other"})
    assert (the_case().latitude, the_case().place_problem) == (42.36, None)
    take(OPEN_ROW | {"latitude": "42.37", "longitude": "-71.0587"})
    assert the_case().latitude == 42.37, "a good place in the file is news"


# Rows that cannot be taken


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"case_id": " "}, "case_id"),
        ({"case_id": "9" * 65}, "case_id"),
        ({"open_date": " "}, "open_date"),
        ({"open_date": "1/2/2022 14:11"}, "open_date"),
        ({"open_date": "2022-02-30 10:00:00"}, "open_date"),
        ({"open_date": "0001-01-01 00:00:00"}, "open_date"),
        ({"target_close_date": "soon"}, "target_close_date"),
        ({"close_date": "2022-01-03 25:00:00"}, "close_date"),
        ({"case_status": "Closed"}, "close_date"),
        ({"case_status": "Maybe"}, "case_status"),
        ({"case_status": " "}, "case_status"),
        ({"service_name": ""}, "service_name"),
        ({"assigned_department": " "}, "assigned_department"),
        ({"latitude": "north"}, "latitude"),
        ({"latitude": "4236.74"}, "latitude"),
        ({"longitude": "-710.5"}, "longitude"),
        ({"longitude": "nan"}, "longitude"),
        ({"full_address": "x" * 301}, "full_address"),
        ({"report_source": "x" * 61}, "report_source"),
    ],
)
def test_a_row_that_cannot_be_taken_is_kept_aside_with_the_reason(run, tmp_path: Path, change, column: str) -> None:
    good, bad = OPEN_ROW | {"case_id": "2", "service_name": "Other"}, OPEN_ROW | change
    result = run(write_csv(tmp_path / "c.csv", good, bad))
    assert result.exit_code == 0
    assert counts(result.output) == {"new": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    header, rejected = csv.reader((tmp_path / "c.rejects.csv").read_text().splitlines())
    assert header[:3] == ["import_line", "import_problem", "case_enquiry_id"]
    assert rejected[0] == "3"
    assert rejected[1].startswith(f"{column}: ")
    assert rejected[2:] == list(csv.reader((tmp_path / "c.csv").read_text().splitlines()))[2]


def test_a_row_with_too_few_or_too_many_cells_is_rejected(run, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "c.csv", OPEN_ROW)
    file.write_text(file.read_text() + "101000000002,Open\n" + file.read_text().splitlines()[1] + ",more\n")
    output = run(file, "--rejects", tmp_path / "elsewhere.csv").output
    assert counts(output)["rejected"] == 2
    text = (tmp_path / "elsewhere.csv").read_text()
    assert "3,row: has 2 columns where the header has 29,101000000002,Open" in text
    assert "4,row: has 30 columns where the header has 29" in text


def test_a_corrected_rejects_file_can_be_imported_as_it_is(run, tmp_path: Path) -> None:
    run(write_csv(tmp_path / "c.csv", OPEN_ROW | {"case_id": "2"}, OPEN_ROW | {"case_status": "Maybe"}))
    file = tmp_path / "c.rejects.csv"
    file.write_text(file.read_text().replace("Maybe", "Open").replace("'Open' is none", "was none"))
    assert counts(run(file).output) == ONE_NEW


def test_closed_before_opened_is_taken_and_mentioned(run, tmp_path: Path) -> None:
    """A crew fixes what it sees and the case is written afterwards: the city's fact, not a fault of the file."""
    result = run(write_csv(tmp_path / "c.csv", CLOSED_ROW | {"close_date": "2022-01-01 06:52:40"}))
    assert counts(result.output) == ONE_NEW
    assert "1  were closed before they were opened" in result.output


def test_a_file_with_no_row_to_take_fails(run, tmp_path: Path) -> None:
    before = everything()
    result = run(write_csv(tmp_path / "c.csv", OPEN_ROW | {"case_status": "Maybe"}))
    assert result.exit_code == 1
    assert "Not one row could be taken." in result.output
    assert everything() == before


def test_a_line_break_in_a_cell_is_part_of_it_and_lines_still_count(run, tmp_path: Path) -> None:
    result = run(write_csv(tmp_path / "c.csv", OPEN_ROW | {"case_title": "two\nlines"}, OPEN_ROW | {"case_id": ""}))
    assert counts(result.output)["new"] == 1
    assert (tmp_path / "c.rejects.csv").read_text().splitlines()[1].startswith("4,case_id")


# Files that are none


def gz(text: str) -> bytes:
    return gzip.compress(text.encode())


GOOD = "case_enquiry_id,open_dt,closed_dt,case_status,type,department\n" + "".join(
    f"{n},2022-01-02 14:11:49,,Open,Pothole,PWDx\n" for n in range(3000)
)
WRONG_FILES = {
    "empty": (b"", "The file is empty."),
    "blank lines": (b"\n\n\n", "The file is empty."),
    "header only": (GOOD.splitlines()[0].encode() + b"\n", "a header and no rows"),
    "other columns": (b"name,age\nx,1\n", "has no column case_enquiry_id or case_id, none open_dt or open_date"),
    "semicolons": (GOOD.replace(",", ";").encode(), "separated by ';'"),
    "prose": (b"Dear city,\nhow are you?\n", "has no column"),
    "web page": (b"<!DOCTYPE html>\n<html><body>Not found</body></html>\n", "has no column"),
    "not utf-8": (GOOD.encode() + b"9,2022-01-02 14:11:49,,Open,Caf\xe9,PWDx\n", "not in UTF-8: byte 0xe9"),
    "utf-16": (GOOD.encode("utf-16"), "UTF-16"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not in UTF-8"),
    "nul bytes": (GOOD.replace("2999,", "29\0,").encode(), "NUL byte"),
    "spreadsheet": (b"PK\x03\x04rest", "a zip archive or a spreadsheet"),
    "unclosed quote": (GOOD.replace("\n2000,", '\n"2000,').encode(), "never closed"),
    "stray quote": (GOOD.replace("\n2000,", '\n"20"00,').encode(), "on line 2002, "),
    "cut off": (GOOD[:-20].encode(), "ends in the middle of line 3001"),
    "cut off gzip": (gz(GOOD)[:-30], "cut off"),
    "damaged gzip": (gz(GOOD)[:-8] + b"\0" * 8, "damaged"),
    "gzip of nothing": (gz(""), "The file is empty."),
    "gzip with rubbish behind": (gz(GOOD) + b"rubbish", "damaged"),
    "endless line": (b"x" * 1_100_000, "longer than 1,000,000 characters"),
}


@pytest.mark.parametrize("content,words", WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_wrong_file_gets_one_sentence_and_changes_nothing(run, tmp_path: Path, content: bytes, words: str) -> None:
    before = everything()
    (tmp_path / "c.csv").write_bytes(content)
    result = run(tmp_path / "c.csv")
    assert result.exit_code == 1
    assert words in result.output
    assert result.output.startswith("Error: ") and result.output.count("\n") == 1
    assert result.output.endswith("Nothing was changed.\n")
    assert everything() == before
    assert not (tmp_path / "c.rejects.csv").exists()


def test_no_file_and_a_folder(run, tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.csv", "There is no file"), (tmp_path, "is not a file")):
        result = run(path)
        assert (result.exit_code, words in result.output) == (1, True)


def test_rejects_are_not_written_over_the_file(run, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "c.csv", OPEN_ROW)
    content = file.read_text()
    for place in (file, tmp_path, tmp_path / "no such folder" / "r.csv"):
        result = run(file, "--rejects", place)
        assert (result.exit_code, "Nothing was changed." in result.output) == (1, True)
    assert file.read_text() == content
    assert everything()[0] == 0


# In batches


def test_a_crash_leaves_whole_batches_and_the_next_run_completes(run, tmp_path: Path, monkeypatch) -> None:
    file = write_csv(tmp_path / "c.csv", *(OPEN_ROW | {"case_id": str(n)} for n in range(25)))
    monkeypatch.setattr(command, "ROWS_AT_ONCE", 10)
    real, calls = command.import_rows, iter(range(100))

    def crash_in_the_second_batch(tx, *rest):
        found = real(tx, *rest)
        if next(calls) == 1:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(command, "import_rows", crash_in_the_second_batch)
    assert run(file).exit_code == 1
    assert everything()[0] == 10
    assert counts(run(file).output) == {"new": 15, "updated": 0, "unchanged": 10, "rejected": 0}
    assert everything()[3] == 25, "one event for each case"


def test_another_import_of_the_same_case_meanwhile_is_seen_at_the_second_try(take, monkeypatch) -> None:
    real, calls = command.import_rows, iter(range(100))

    def lose_the_race_once(tx, *rest):
        found = real(tx, *rest)
        if next(calls) == 0:
            raise IntegrityError("insert", {}, Exception("number taken"))
        return found

    monkeypatch.setattr(command, "import_rows", lose_the_race_once)
    assert take(OPEN_ROW) == ONE_NEW
    assert everything() == (1, 1, 1, 1)
