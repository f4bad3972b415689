"""A phone that cannot send writes a file; a supervisor loads it, and nothing is lost or doubled."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import pytest
from phone import Phone, jpeg, photo_ref
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.models import Case, Closure, Crew, Photo, QuarantinedWork


def carried(phone: Phone, person_id: int, *operations: dict[str, Any], photos: dict[str, bytes] | None = None) -> dict[str, Any]:
    """What pwa/src/crew/app.ts writes."""
    entries = [
        {**{k: v for k, v in o.items() if k not in ("case", "made_at", "age_ms")}, "caseId": o["case"], "madeAt": o["made_at"]}
        for o in operations
    ]
    return {
        "crew311": "unsent work",
        "version": 1,
        "app": "0.1.0",
        "written_at": "2026-11-22T10:00:00-05:00",
        "person": {"id": person_id, "name": "Rosa", "role": "crew"},
        "crew": None,
        "device": phone.device,
        "epoch": None,
        "entries": entries,
        "drafts": [],
        "photos": {
            ref["id"]: {"type": "image/jpeg", "sha256": ref["sha256"], "base64": base64.b64encode(photos[ref["id"]]).decode()}
            for o in operations
            for ref in o["payload"].get("photos", [])
        }
        if photos
        else {},
    }


def load(client, content: Any):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post("/console/quarantine/load", data={"work": (BytesIO(body), "unsent.json")})


def test_work_loaded_from_a_file_counts_as_if_the_phone_had_sent_it(phone: Phone, signed_in, city, job) -> None:
    case_id, round_seen = job()
    ref = photo_ref(jpeg())
    closing = phone.closing(case_id, round_seen, [ref])
    content = carried(phone, city.person_ids["rosa"], closing, photos={ref["id"]: jpeg()})
    dispatcher = signed_in("sue")
    assert load(dispatcher, content).status_code == 303
    assert db.session.get_one(Case, case_id).status == "closed"
    assert db.session.get_one(Photo, ref["id"]).verified_at is not None
    assert load(dispatcher, content).status_code == 303
    assert phone.push(closing).json["results"][0]["verdict"] == "counted", "the phone sends it after all"
    assert db.session.query(Closure).count() == 1


def test_work_whose_beginning_is_missing_is_kept(phone: Phone, signed_in, city, job) -> None:
    case_id, round_seen = job()
    phone.seq = 4
    load(signed_in("sue"), carried(phone, city.person_ids["rosa"], phone.closing(case_id, round_seen)))
    assert db.session.scalars(select(QuarantinedWork.reason)).one() == "out_of_order"
    assert db.session.get_one(Case, case_id).status == "assigned"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (b"not a file of ours", "body"),
        ({"crew311": "something else"}, "crew311"),
        ({"version": 9}, "version"),
        ({"device": "x"}, "device"),
        ({"person": {"id": "7"}}, "person.id"),
        ({"person": {"id": 9999}}, "person.id"),
        ({"extra": 1}, "extra"),
        ({"photos": {"x": {}}}, "photos.x"),
    ],
    ids=str,
)
def test_another_file_is_refused_by_name_and_changes_nothing(phone: Phone, signed_in, city, change: Any, field: str) -> None:
    content = change if isinstance(change, bytes) else {**carried(phone, city.person_ids["rosa"]), **change}
    dispatcher = signed_in("sue")
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    answer = dispatcher.post(
        "/console/quarantine/load", data={"work": (BytesIO(body), "x.json")}, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, list(answer.json["errors"])) == (400, [field])


def test_only_who_may_settle_may_load(phone: Phone, signed_in, city) -> None:
    assert load(signed_in("cal"), carried(phone, city.person_ids["rosa"])).status_code == 403


def test_a_crew_that_only_looks_is_in_contact(phone: Phone, city) -> None:
    phone.pull()
    assert db.session.get_one(Crew, city.crew_ids["PWD-1"]).last_contact_at is not None
