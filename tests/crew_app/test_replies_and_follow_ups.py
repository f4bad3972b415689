"""Words to close a case with, by service and outcome; and what is left to do, as a case of another department."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import Case, CityChange, ReplyTemplate, Service
from crew_app.queries.replies import replies_for
from crew_app.services.settings import undo_change
from crew_app.transaction import transaction
from crew_app.wire.replies import filled


def service_id(code: str) -> int:
    return db.session.scalars(select(Service.id).where(Service.code == code)).one()


def test_a_reply_is_offered_for_its_service_and_for_any_with_the_cases_own_words(signed_in, report) -> None:
    sue = signed_in("sue")
    pothole, tree = service_id("pothole"), service_id("tree")
    for form in (
        {"service": str(pothole), "outcome": "fixed", "text": "The hole at {address} is filled. Your number was {number}."},
        {"service": str(tree), "outcome": "fixed", "text": "The tree is cut."},
        {"text": "We looked at {service}; {braces} stay."},
    ):
        assert sue.post("/console/replies", data=form).status_code == 303
    case = db.session.get_one(Case, report(address="12 Main St"))
    page = signed_in("dora").get(f"/console/cases/{case.number}").text
    assert f"The hole at 12 Main St is filled. Your number was {case.number}." in page
    assert "The tree is cut." not in page
    assert "We looked at Pothole; {braces} stay." in page
    assert [reply.service_id for reply in replies_for(db.session, pothole)] == [pothole, None], "its own first"


def test_a_reply_that_was_removed_is_not_offered_and_can_be_brought_back(signed_in, city) -> None:
    sue = signed_in("sue")
    sue.post("/console/replies", data={"text": "Done."})
    reply_id = db.session.scalar(select(ReplyTemplate.id))
    assert sue.post(f"/console/replies/{reply_id}/remove").status_code == 303
    assert replies_for(db.session, service_id("pothole")) == []
    with transaction() as tx:
        undo_change(
            tx, tx.session.scalars(select(CityChange.id).order_by(CityChange.id.desc())).first() or 0, city.person_ids["sue"]
        )
    assert [reply.text for reply in replies_for(db.session, service_id("pothole"))] == ["Done."]
    assert "Reply" in sue.get("/console/changes").text


@pytest.mark.parametrize(
    ("form", "field"), [({}, "text"), ({"text": "x", "outcome": "lost"}, "outcome"), ({"text": "x", "service": "999"}, "service")]
)
def test_a_reply_that_cannot_be_kept_is_refused_with_its_field(signed_in, city, form: dict[str, str], field: str) -> None:
    answer = signed_in("sue").post("/console/replies", data=form)
    assert answer.status_code == 400 and f"#reply-{field}" in answer.text
    assert signed_in("dora").post("/console/replies", data={"text": "x"}).status_code == 403


@given(st.text())
def test_filling_in_changes_nothing_but_the_three_places(words: str) -> None:
    case = Case(number="26-000001", address="", service=Service(name="Pothole"))
    plain = words.replace("{", "").replace("}", "")
    assert filled(plain, case) == plain
    assert filled(f"{plain}{{number}}", case) == f"{plain}26-000001"


def test_what_is_left_to_do_is_a_case_of_its_own_department_linked_both_ways(signed_in, report, city) -> None:
    parent = db.session.get_one(Case, report(address="12 Main St"))
    number, desk = parent.number, signed_in("cal")
    answer = desk.post(f"/console/cases/{number}/follow-up", data={"service": "tree", "description": "The roots lift the road."})
    assert answer.status_code == 303
    db.session.rollback()
    child = db.session.scalars(select(Case).where(Case.parent_id == parent.id)).one()
    assert (child.department_id, child.address, child.latitude) == (city.parks_id, "12 Main St", 42.35)
    above, below = desk.get(f"/console/cases/{number}").text, desk.get(f"/console/cases/{child.number}").text
    assert f"A follow-up was opened: {child.number}" in above and "Parks" in above
    assert "This follows" in below and number in below


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"service": "tree"}, "description"),
        ({"description": "x"}, "service"),
        ({"service": "no", "description": "x"}, "service"),
    ],
)
def test_a_follow_up_that_cannot_be_opened_is_said_beside_its_form(signed_in, report, form: dict[str, str], field: str) -> None:
    number = db.session.get_one(Case, report()).number
    answer = signed_in("dora").post(f"/console/cases/{number}/follow-up", data=form)
    assert answer.status_code == 400
    assert f"#follow-up-{field}" in answer.text
    assert db.session.scalars(select(Case.parent_id).where(Case.parent_id.is_not(None))).all() == []
