"""Cases are found by words on both databases, by reporter for those who may, kept as views and taken away as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import Case, ContactLook, SavedView
from crew_app.queries.board import BoardFilter, board_page
from crew_app.services.cases import close_by_office
from crew_app.services.places import set_place
from crew_app.transaction import transaction
from crew_app.wire.spreadsheet import BEGINS_A_FORMULA, safe_cell


@pytest.fixture
def three(report) -> dict[str, str]:
    """Name -> number."""
    ids = {
        "hole": report(
            address="12 Main St", description="Deep hole by the bus stop", name="Ruth Ochoa", email="ruth.ochoa@example.org"
        ),
        "lamp": report(address="80 Harbor Rd", description="The lamp is out; Straße", phone="617-555-0142"),
        "rats": report(address="3 Mainard Ave", description='=HYPERLINK("http://evil.example")', name="Ann"),
    }
    return {name: db.session.get_one(Case, case_id).number for name, case_id in ids.items()}


def found(three: dict[str, str], **wanted: Any) -> set[str]:
    numbers = {case.number for case in board_page(db.session, BoardFilter(**wanted), datetime.now(UTC)).cases}
    return {name for name, number in three.items() if number in numbers}


def test_every_word_must_begin_one_of_the_cases_in_any_order(three) -> None:
    assert found(three, q="main") == {"hole", "rats"}
    assert found(three, q="MAIN st") == {"hole"}
    assert found(three, q="bus 12 deep") == {"hole"}
    assert found(three, q="straße") == {"lamp"}
    assert found(three, q="ain") == set(), "a word is known by its beginning"
    assert found(three, q="harbor-rd") == {"lamp"}


def test_a_case_is_found_by_its_number_whole_in_part_or_without_its_zeros(three) -> None:
    number = three["lamp"]
    assert found(three, q=number) == {"lamp"}
    assert found(three, q=number.split("-")[1]) == {"lamp"}
    assert "lamp" in found(three, q=str(int(number.split("-")[1])))


def test_a_whole_number_leads_to_the_case_though_it_is_closed(three, signed_in, city) -> None:
    with transaction() as tx:
        case_id = tx.session.scalars(select(Case.id).where(Case.number == three["lamp"])).one()
        close_by_office(tx, case_id, "fixed", None, "", city.person_ids["dora"])
    answer = signed_in("dora").get("/console/cases", query_string={"q": f" {three['lamp']} "})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/console/cases/{three['lamp']}")
    assert "Look among all cases, closed ones too" in signed_in("dora").get("/console/cases?q=harbor").text


@pytest.mark.parametrize(
    "said", ["%", "''", '"', "*", "NEAR(", "said:", "-", "^", "main OR", "main' & !", ")", "\\", "9" * 30, "()|&:*"]
)
def test_what_a_search_language_would_mean_means_nothing(three, signed_in, said: str) -> None:
    assert found(three, q=said) <= {"hole", "rats"}
    assert signed_in("dora").get("/console/cases", query_string={"q": said}).status_code == 200


def test_a_new_address_is_found_and_the_old_one_no_more(three, city) -> None:
    case_id = db.session.scalar(select(Case.id).where(Case.number == three["lamp"])) or 0
    with transaction() as tx:
        set_place(tx, case_id, 42.36, -71.08, "7 Quincy Row", city.person_ids["dora"])
    assert found(three, q="quincy") == {"lamp"}
    assert found(three, q="harbor") == set()


def test_a_reporter_is_found_by_name_mail_or_telephone_never_by_the_words_of_the_case(three) -> None:
    assert found(three, reporter="ochoa") == {"hole"}
    assert found(three, reporter="ruth.ochoa@example.org") == {"hole"}
    assert found(three, reporter="0142") == {"lamp"}
    assert found(three, reporter="hole") == set()
    assert found(three, q="ochoa") == set(), "words alone do not say who reported it"


def test_a_search_by_reporter_is_written_down_and_is_for_the_office_only(three, signed_in, city) -> None:
    assert signed_in("rosa").get("/console/cases?reporter=ruth").status_code == 403
    page = signed_in("cal").get("/console/cases?reporter=ruth")
    assert three["hole"] in page.text and three["lamp"] not in page.text
    signed_in("cal").get("/console/cases?q=main")
    looks = db.session.execute(select(ContactLook.person_id, ContactLook.searched, ContactLook.case_id)).all()
    assert [tuple(look) for look in looks] == [(city.person_ids["cal"], "ruth", None)]


def test_the_csv_holds_what_is_on_screen_and_no_formula(three, signed_in, city) -> None:
    with transaction() as tx:
        case_id = db.session.scalar(select(Case.id).where(Case.number == three["rats"])) or 0
        set_place(tx, case_id, 42.36, -71.08, '=cmd|"/C calc"!A0', city.person_ids["dora"])
    answer = signed_in("dora").get("/console/cases.csv?q=cmd")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="cases-')
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["number"] for row in rows] == [three["rats"]]
    assert rows[0]["address"] == '\'=cmd|"/C calc"!A0'
    assert (rows[0]["status"], rows[0]["latitude"]) == ("Received", "42.36")
    assert len(signed_in("dora").get("/console/cases.csv").text.splitlines()) == 1 + len(three)


@given(st.text())
def test_no_cell_begins_as_a_formula_does(words: str) -> None:
    cell = safe_cell(words)
    assert cell in (words, f"'{words}")
    assert not cell.lstrip(" ").startswith(BEGINS_A_FORMULA)


def test_a_view_is_kept_used_and_forgotten_by_its_owner(signed_in, three) -> None:
    dora, cal = signed_in("dora"), signed_in("cal")
    kept = dora.post("/console/views", data={"name": "Main street, late", "q": "main", "group": "all"})
    assert (kept.status_code, kept.headers["Location"]) == (303, "/console/cases?group=all&q=main")
    assert "Main street, late" in dora.get("/console/cases").text
    assert "Main street, late" not in cal.get("/console/cases").text, "her own"
    view_id = db.session.scalar(select(SavedView.id))
    assert cal.post(f"/console/views/{view_id}/forget").status_code == 404
    assert "Forget this view" in dora.get("/console/cases?group=all&q=main").text
    assert dora.post(f"/console/views/{view_id}/forget").status_code == 303
    assert "Main street, late" not in dora.get("/console/cases").text


def test_a_view_for_the_whole_office_is_a_dispatchers_to_make(signed_in, app: Flask) -> None:
    assert signed_in("cal").post("/console/views", data={"name": "Mine", "is_shared": "true"}).status_code == 403
    assert (
        signed_in("dora").post("/console/views", data={"name": "Late trees", "due": "late", "is_shared": "true"}).status_code == 303
    )
    page = signed_in("cal").get("/console/cases").text
    assert "Late trees" in page and "Shared by Dora" in page


@pytest.mark.parametrize(
    "form", [{}, {"name": ""}, {"name": "x" * 61}, {"name": "a", "reporter": "ruth"}, {"name": "a", "group": "x"}]
)
def test_a_view_that_cannot_be_kept_is_refused_with_its_field(signed_in, form: dict[str, str]) -> None:
    answer = signed_in("dora").post("/console/views", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert set(answer.json["errors"]) & {"name", "reporter", "group"}
    assert db.session.scalar(select(SavedView.id)) is None
