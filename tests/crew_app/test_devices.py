"""A lost phone: switched off in one click, it shows nothing more, and nothing it did is lost."""

from __future__ import annotations

import pytest
from phone import HEADERS, Phone, jpeg, photo_ref
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import Case, CityChange, Crew, Device, QuarantinedWork


@pytest.fixture
def lost(phone: Phone, job, signed_in) -> Phone:
    """Rosa's phone, with a job on it, switched off by the dispatcher."""
    job()
    assert len(phone.pull()["jobs"]) == 1
    assert signed_in("dora").post(f"/console/phones/{phone.device}/revoke").status_code == 303
    return phone


def test_a_phone_is_known_from_its_first_look_with_what_it_has_not_sent(phone: Phone, signed_in) -> None:
    phone.client.get("/sync/v1/pull", query_string={"device": phone.device, "unsent": "3"})
    device = db.session.get_one(Device, phone.device)
    assert device.unsent == 3
    assert "3 deeds" in signed_in("dora").get("/console/phones").text
    phone.client.get("/sync/v1/pull", query_string={"device": phone.device, "unsent": "0"})
    db.session.refresh(device)
    assert device.unsent == 0


def test_a_switched_off_phone_is_given_a_page_that_clears_what_it_shows(lost: Phone) -> None:
    page = lost.pull()
    assert (page["revoked"], page["reset"], page["jobs"], page["gone"]) == (True, True, [], [])


def test_what_it_still_sends_is_kept_and_not_applied(lost: Phone) -> None:
    case = db.session.scalars(select(Case)).one()
    content = jpeg()
    ref = photo_ref(content)
    answer = lost.push(lost.closing(case.id, case.round, [ref])).json
    assert answer["results"][0]["reason"] == "device_revoked"
    lost.upload(ref, content)
    db.session.expire_all()
    assert case.status == "assigned"
    kept = db.session.scalars(select(QuarantinedWork)).one()
    assert ref["id"] in kept.raw


def test_what_it_had_sent_before_it_is_still_told_so_that_it_lets_go(phone: Phone, job, signed_in) -> None:
    case_id, round_seen = job()
    note = phone.operation("note", case_id, round_seen, {"text": "hello"})
    phone.push(note)
    signed_in("dora").post(f"/console/phones/{phone.device}/revoke")
    assert phone.pull()["operations"] == [note["id"]]


@pytest.mark.parametrize("path", ["/sync/v1/me", "/sync/v1/services"])
def test_it_may_read_nothing_else(lost: Phone, path: str) -> None:
    answer = lost.client.get(path, headers=HEADERS)
    assert (answer.status_code, answer.json["type"]) == (401, "urn:crew311:device-revoked")


def test_it_cannot_call_itself_another_phone(lost: Phone) -> None:
    other = Phone(lost.client)
    assert other.pull()["revoked"]
    case = db.session.scalars(select(Case)).one()
    assert other.push(other.closing(case.id, case.round)).json["results"][0]["reason"] == "device_revoked"


def test_it_does_not_count_as_a_crew_in_contact(lost: Phone, city) -> None:
    before = db.session.get_one(Crew, city.crew_ids["PWD-1"]).last_contact_at
    lost.pull()
    db.session.expire_all()
    assert db.session.get_one(Crew, city.crew_ids["PWD-1"]).last_contact_at == before


def test_another_phone_of_the_same_person_goes_on(lost: Phone, signed_in) -> None:
    other = Phone(signed_in("rosa"))
    page = other.pull()
    assert "revoked" not in page and len(page["jobs"]) == 1


def test_given_back_it_fetches_its_jobs_again(lost: Phone, signed_in) -> None:
    lost.pull()
    signed_in("dora").post(f"/console/phones/{lost.device}/give_back")
    page = lost.pull()
    assert "revoked" not in page and len(page["jobs"]) == 1
    kinds = [(change.kind, change.after["revoked_at"] is None) for change in db.session.scalars(select(CityChange))]
    assert kinds == [("device", False), ("device", True)]


def test_a_giving_back_by_mistake_is_undone(lost: Phone, signed_in) -> None:
    dora = signed_in("dora")
    dora.post(f"/console/phones/{lost.device}/give_back")
    change = db.session.scalars(select(CityChange).order_by(CityChange.id.desc())).first()
    assert change is not None and dora.post(f"/console/changes/{change.id}/undo").status_code == 303
    assert lost.pull()["revoked"]


def test_a_phone_nobody_knows_is_not_there(city, signed_in) -> None:
    assert signed_in("dora").post("/console/phones/00000000-0000-4000-8000-000000000000/revoke").status_code == 404
