"""The second step at the office, one's own password, and where one is signed in."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crew_app.extensions import db
from crew_app.limits import GUESSES_HERE
from crew_app.models import CityChange, Door, Person, Proof, SignIn
from crew_app.services.people import person_who_signs_in, why_weak
from crew_app.services.second_step import STEP_S, code_of, new_secret, step_of
from crew_app.transaction import system_clock
from tests.conftest import PASSWORD
from tests.cookies import sign_in

PAGE = {"Accept": "text/html"}


def test_the_codes_are_those_of_the_rfc() -> None:
    """RFC 6238, appendix B, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    wanted = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}
    assert {moment: code_of(secret, moment // STEP_S) for moment in wanted} == wanted


def test_a_code_holds_for_its_neighbours_and_never_twice() -> None:
    secret, now = new_secret(), system_clock()
    here = int(now.timestamp()) // STEP_S
    assert [step_of(secret, code_of(secret, here + n), now) is not None for n in (-2, -1, 0, 1, 2)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert step_of(secret, code_of(secret, here), now, after=here) is None


def set_up(client: FlaskClient) -> tuple[str, list[str]]:
    """The secret and the codes on paper of whoever this is."""
    page = client.get("/account/second-step").text
    secret = re.search(r"Or type it in: <code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")  # type: ignore[index]
    sealed = html.unescape(re.search(r'name="sealed" value="([^"]+)"', page)[1])  # type: ignore[index]
    code = code_of(secret, int(system_clock().timestamp()) // STEP_S)
    done = client.post("/account/second-step", data={"sealed": sealed, "code": code, "password": PASSWORD})
    assert done.status_code == 200, done.text
    return secret, re.findall(r"<code>([a-z2-7-]{19})</code>", done.text)


def half_way(client: FlaskClient, email: str = "dora@city.test") -> FlaskClient:
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD, "next": "/console/crews"})
    assert answer.headers["Location"] == "/sign-in/code?next=/console/crews"
    return client


def test_the_office_opens_with_password_and_code_only(app: Flask, client, signed_in) -> None:
    elsewhere = signed_in("dora")
    with time_machine.travel(system_clock() - timedelta(minutes=5)):
        secret, paper = set_up(signed_in("dora"))
    assert elsewhere.get("/console/crews", headers=PAGE).status_code == 302  # what was signed in without is out
    half_way(client)
    assert client.get("/console/crews", headers=PAGE).status_code == 302
    wrong = client.post("/sign-in/code", data={"code": "000000"})
    assert wrong.status_code == 401 and "not right" in wrong.text
    code = code_of(secret, int(system_clock().timestamp()) // STEP_S)
    answer = client.post("/sign-in/code", data={"code": f" {code[:3]} {code[3:]} ", "next": "/console/crews"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/crews")
    assert client.get("/console/crews").status_code == 200
    again = half_way(app.test_client())
    assert again.post("/sign-in/code", data={"code": code}).status_code == 401  # watched over a shoulder
    for expected in (303, 401):  # and each on paper once
        again = half_way(app.test_client())
        assert again.post("/sign-in/code", data={"code": paper[0].upper()}).status_code == expected
    assert (
        db.session.scalars(select(SignIn.proof).where(SignIn.ended_at.is_(None)).order_by(SignIn.id.desc())).first()
        == Proof.RECOVERY
    )


def test_codes_cannot_be_guessed_and_half_way_does_not_last(app: Flask, client, signed_in) -> None:
    set_up(signed_in("dora"))
    half_way(client)
    for _ in range(GUESSES_HERE[0]):
        assert client.post("/sign-in/code", data={"code": "000000"}).status_code == 401
    assert client.post("/sign-in/code", data={"code": "000000"}).status_code == 429
    other = half_way(app.test_client())
    with time_machine.travel(system_clock() + timedelta(minutes=6)):
        assert other.post("/sign-in/code", data={"code": "000000"}).headers["Location"] == "/sign-in"
    stranger = app.test_client()
    with stranger.session_transaction() as session:
        session["half_way"] = "1"
    assert stranger.get("/sign-in/code").headers["Location"] == "/sign-in"


def test_secrets_are_sealed_and_no_record_repeats_them(signed_in, city) -> None:
    secret, paper = set_up(signed_in("dora"))
    person = db.session.get_one(Person, city.person_ids["dora"])
    kept = (
        f"{person.code_secret} {person.recovery_digests} {[(it.before, it.after) for it in db.session.scalars(select(CityChange))]}"
    )
    assert len(paper) == 10 and secret not in kept and not any(words in kept for words in paper)
    assert "second step" in kept


def test_where_a_city_demands_it_the_office_opens_with_one_only(app: Flask, signed_in, city) -> None:
    app.config["SECOND_STEP"] = "demanded"
    dora = signed_in("dora")
    assert dora.get("/console/crews", headers=PAGE).headers["Location"] == "/account/second-step"
    refused = dora.post("/console/api/what-if", json={})
    assert refused.status_code == 403 and refused.json["type"] == "urn:crew311:second-step-needed"
    set_up(dora)
    assert dora.get("/console/crews").status_code == 200
    vouched = sign_in(app.test_client(), city.person_ids["sue"], Door.OFFICE, Proof.CITY)
    assert vouched.get("/console/crews").status_code == 200


def test_somebody_above_takes_a_lost_one_away_and_it_is_written_down(client, signed_in, city) -> None:
    set_up(signed_in("dora"))
    page = f"/console/people/{city.person_ids['dora']}"
    assert signed_in("sue").post(f"{page}/no-second-step").status_code == 303
    assert client.post("/sign-in", data={"email": "dora@city.test", "password": PASSWORD}).headers["Location"] == "/console/"
    assert "no second step any more" in signed_in("sue").get(page).text
    change = db.session.scalars(select(CityChange).order_by(CityChange.id.desc())).first()
    assert change is not None
    assert "cannot be taken back" in signed_in("ada").post(f"/console/changes/{change.id}/undo", follow_redirects=True).text


def test_an_unlocked_desk_gives_nothing_away(signed_in) -> None:
    dora = signed_in("dora")
    set_up(dora)
    for address, form in (("password", {"new": "lantern gravel otter"}), ("second-step/off", {})):
        assert dora.post(f"/account/{address}", data={"password": "wrong", **form}).status_code == 400
    assert "Codes on paper left: 10" in dora.get("/account").text
    assert dora.post("/account/second-step/off", data={"password": PASSWORD}).status_code == 303
    assert "Set it up" in dora.get("/account").text


def test_a_new_password_of_ones_own_ends_every_other_sign_in(signed_in) -> None:
    here, there = signed_in("rosa"), signed_in("rosa")
    weak = here.post("/account/password", data={"password": PASSWORD, "new": "short"})
    assert weak.status_code == 400 and "at least 12" in weak.text
    assert here.post("/account/password", data={"password": PASSWORD, "new": "lantern gravel otter"}).status_code == 303
    assert here.get("/sync/v1/me").status_code == 200
    assert there.get("/sync/v1/me").status_code == 401
    assert person_who_signs_in(db.session, "rosa@city.test", "lantern gravel otter") is not None


@pytest.mark.parametrize(
    ("password", "is_weak"),
    [
        ("password1234", True),
        ("Dora-Dora-Dora1", True),
        ("aaaaaaaaaaaaaa", True),
        ("123456789012", True),
        ("qwertyuiop123", True),
        ("Summer2026Summer", True),
        ("elevenchars", True),
        ("lantern gravel otter", False),
        ("Ünïcödé wörds here", False),
        ("correct horse battery", False),
    ],
)
def test_a_weak_password_is_refused_in_words(password: str, is_weak: bool) -> None:
    assert bool(why_weak(password, Person(name="Dora Smith", email="dora@city.test"))) is is_weak


def test_a_person_ends_their_own_sign_ins_and_nobody_elses(signed_in, city) -> None:
    here, there, sam = signed_in("rosa"), signed_in("rosa"), signed_in("sam")
    ids = db.session.scalars(select(SignIn.id).where(SignIn.person_id == city.person_ids["rosa"]).order_by(SignIn.id)).all()
    assert here.get("/account").text.count("Sign out</button>") >= 1
    assert sam.post(f"/account/sign-ins/{ids[1]}/end").status_code == 404
    assert here.post(f"/account/sign-ins/{ids[1]}/end").status_code == 303
    assert there.get("/sync/v1/me").status_code == 401
    third = signed_in("rosa")
    here.post("/account/sign-ins/end-others")
    assert (here.get("/sync/v1/me").status_code, third.get("/sync/v1/me").status_code) == (200, 401)


def test_somebody_above_ends_them_all(signed_in, city) -> None:
    rosa = signed_in("rosa")
    assert signed_in("sue").post(f"/console/people/{city.person_ids['rosa']}/sign-out").status_code == 303
    assert rosa.get("/sync/v1/me").status_code == 401
    assert (
        db.session.scalars(select(SignIn.ended_by).where(SignIn.person_id == city.person_ids["rosa"])).one()
        == city.person_ids["sue"]
    )
