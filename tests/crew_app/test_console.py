"""The dispatcher's pages: what each action does, who may not, what is refused and how it is said."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crew_app.extensions import db
from crew_app.models import Assignment, Case, Closure, ContactLook, EventRow, Note, QuarantinedWork, Service
from crew_app.queries.board import PAGE_SIZE, BoardFilter, board_counts, board_page
from crew_app.services.assignments import assign_case
from crew_app.services.cases import NewReport, close_by_office, open_case
from crew_app.services.operations import keep_in_quarantine
from crew_app.services.people import person_who_signs_in
from crew_app.transaction import transaction

XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def desk(signed_in):
    """desk("dora") -> her browser."""
    return signed_in


@pytest.fixture
def case(app: Flask, city) -> Case:
    return new_case()


def new_case(**given: Any) -> Case:
    place = {"service_code": "pothole", "latitude": 42.35, "longitude": -71.09, "address": "12 Main St"}
    with transaction() as tx:
        case_id = open_case(tx, NewReport(**{**place, **given})).id  # type: ignore[arg-type]
    return db.session.get_one(Case, case_id)


def give(case: Case, city, crew: str = "PWD-1") -> None:
    with transaction() as tx:
        assign_case(tx, case.id, city.crew_ids[crew], city.person_ids["dora"])


def close_from_phone(desk, city, case: Case, outcome: str = "fixed", round_seen: int | None = None, by: str = "rosa") -> str:
    closure_id = str(uuid.uuid4())
    operation = {
        "id": closure_id,
        "seq": 1,
        "kind": "close",
        "case": case.id,
        "round": case.round if round_seen is None else round_seen,
        "made_at": datetime.now(UTC).isoformat(),
        "age_ms": 1000,
        "payload": {"outcome": outcome, "detail": None, "note": f"from the street {XSS}", "photos": [], "place": None},
    }
    push = {"v": 1, "device": str(uuid.uuid4()), "operations": [operation]}
    answer = desk(by).post("/sync/v1/push", json=push, headers={"X-Crew311": "1"})
    assert answer.status_code == 200, answer.text
    return closure_id


def act(client: FlaskClient, case: Case, name: str, **form: Any) -> Any:
    return client.post(f"/console/cases/{case.number}/{name}", data=form)


def kinds(case: Case) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(db.select(EventRow.kind).where(EventRow.case_id == case.id).order_by(EventRow.seq)))


# ---- who may come in -------------------------------------------------------------------------------------------------

PAGES = ["/console/cases", "/console/crews", "/console/quarantine", "/console/cases/{number}"]
FORMS: dict[str, dict[str, str]] = {
    "assign": {"crew": "1"},
    "take-back": {},
    "reopen": {"why": "again"},
    "withdraw": {"why": "mistake"},
    "close": {"outcome": "fixed"},
    "place": {"lat": "42.3", "lon": "-71.1"},
    "settle": {"closure": "x", "decision": "accept"},
}


@pytest.mark.parametrize("page", PAGES)
def test_nobody_comes_in_without_signing_in(client: FlaskClient, case: Case, page: str) -> None:
    answer = client.get(page.format(number=case.number), headers={"Accept": "text/html"})
    assert answer.status_code == 302
    assert (
        answer.headers["Location"].startswith("/sign-in?next=%2Fconsole") or "/sign-in?next=/console" in answer.headers["Location"]
    )


@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_for_the_office_and_not_for_a_crew(desk, case: Case, page: str) -> None:
    address = page.format(number=case.number)
    for name in ("dora", "cal", "sue", "ada"):
        answer = desk(name).get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
    assert desk("rosa").get(address, headers={"Accept": "text/html"}).status_code == 403


@pytest.mark.parametrize("name", FORMS)
def test_moving_work_is_for_dispatchers(desk, client: FlaskClient, case: Case, name: str) -> None:
    before = kinds(case)
    assert act(desk("cal"), case, name, **FORMS[name]).status_code == 403
    assert act(desk("rosa"), case, name, **FORMS[name]).status_code == 403
    anonymous = client.post(f"/console/cases/{case.number}/{name}", data=FORMS[name], headers={"Accept": "text/html"})
    assert (anonymous.status_code, anonymous.headers["Location"].split("?")[0]) == (302, "/sign-in")
    assert kinds(case) == before


def test_a_call_taker_sees_no_buttons_that_would_be_refused(desk, case: Case) -> None:
    page = desk("cal").get(f"/console/cases/{case.number}").text
    assert "Give it to a crew" not in page
    assert "Add the note" in page


@pytest.mark.parametrize("name", FORMS)
def test_unknown_fields_are_refused_and_named(desk, case: Case, name: str) -> None:
    answer = act(desk("dora"), case, name, **FORMS[name], evil="1")
    assert answer.status_code == 400
    assert "evil" in answer.text
    assert kinds(case) == ["case_opened"]


def test_another_site_cannot_act(desk, case: Case) -> None:
    answer = desk("dora").post(
        f"/console/cases/{case.number}/withdraw", data={"why": "x"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


def test_what_cannot_be_done_to_a_case_is_not_there(desk, case: Case) -> None:
    assert act(desk("dora"), case, "explode").status_code == 404
    assert desk("dora").get("/console/cases/99-999999").status_code == 404
    assert desk("dora").post("/console/cases/99-999999/note", data={"text": "x"}).status_code == 404


# ---- the actions -----------------------------------------------------------------------------------------------------


def test_give_to_a_crew_and_move_to_another(desk, city, case: Case) -> None:
    answer = act(desk("dora"), case, "assign", crew=city.crew_ids["PWD-2"], why="they know the street")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/console/cases/{case.number}"
    assert act(desk("dora"), case, "assign", crew=city.crew_ids["PARK-1"]).status_code == 303
    db.session.refresh(case)
    assert (case.status, case.round) == ("assigned", 2)
    holder = db.session.scalars(db.select(Assignment).where(Assignment.ended_at.is_(None))).one()
    assert holder.crew.code == "PARK-1"
    assert holder.assigned_by_id == city.person_ids["dora"]
    page = desk("dora").get(f"/console/cases/{case.number}").text
    assert "Moved from PWD-2 to PARK-1" in page
    assert "they know the street" in page


@pytest.mark.parametrize("crew", ["", "99999", "x", "-1", "2147483648", "1.0"])
def test_a_crew_that_is_none_is_refused_beside_its_form(desk, case: Case, crew: str) -> None:
    answer = act(desk("dora"), case, "assign", crew=crew)
    assert answer.status_code == 400
    assert 'id="assign-crew-wrong"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_take_back(desk, city, case: Case) -> None:
    give(case, city)
    assert act(desk("dora"), case, "take-back", why="no asphalt").status_code == 303
    db.session.refresh(case)
    assert (case.status, case.round) == ("received", 2)
    refused = act(desk("dora"), case, "take-back")
    assert refused.status_code == 409
    assert "cannot become" in refused.text


def test_reopen_needs_a_closed_case_and_a_reason(desk, city, case: Case) -> None:
    assert act(desk("dora"), case, "reopen", why="again").status_code == 409
    with transaction() as tx:
        close_by_office(tx, case.id, "fixed", None, "", city.person_ids["dora"])
    for why in ("", "   "):
        answer = act(desk("dora"), case, "reopen", why=why)
        assert answer.status_code == 400
        assert "Say why." in answer.text
    assert act(desk("dora"), case, "reopen", why="still there").status_code == 303
    db.session.refresh(case)
    assert (case.status, case.outcome) == ("reopened", None)


def test_withdraw(desk, city, case: Case) -> None:
    give(case, city)
    assert act(desk("dora"), case, "withdraw", why="a prank").status_code == 303
    db.session.refresh(case)
    assert case.status == "withdrawn"
    assert act(desk("dora"), case, "withdraw", why="twice").status_code == 409


def test_close_from_the_office(desk, case: Case) -> None:
    answer = act(desk("dora"), case, "close", outcome="not_ours", detail="Water and Sewer", note="They were told.")
    assert answer.status_code == 303
    db.session.refresh(case)
    assert (case.status, case.outcome, case.outcome_detail, case.closing_note) == (
        "closed",
        "not_ours",
        "Water and Sewer",
        "They were told.",
    )
    assert "Closed by the office: Not ours" in desk("dora").get(f"/console/cases/{case.number}").text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "outcome"),
        ({"outcome": "vanished"}, "outcome"),
        ({"outcome": "duplicate"}, "detail"),
        ({"outcome": "not_ours", "detail": "  "}, "detail"),
        ({"outcome": "scheduled", "detail": "soon"}, "detail"),
        ({"outcome": "scheduled", "detail": "2026-02-30"}, "detail"),
        ({"outcome": "fixed", "note": "x" * 4001}, "note"),
        ({"outcome": "fixed", "note": "a\x00b"}, "note"),
        ({"outcome": "fixed", "detail": "x" * 501}, "detail"),
    ],
)
def test_a_bad_closing_names_its_field_and_keeps_what_was_typed(desk, case: Case, form: dict[str, str], field: str) -> None:
    answer = act(desk("dora"), case, "close", **form)
    assert answer.status_code == 400
    assert f'id="close-{field}-wrong"' in answer.text
    db.session.refresh(case)
    assert case.status == "received"


def test_set_the_place_of_a_case_that_waits_for_one(desk, city, app: Flask) -> None:
    case = new_case(latitude=40.7, longitude=-74.0)
    assert case.place_problem == "outside"
    assert "Its place is outside the city." in desk("dora").get("/console/cases").text
    for lat, lon in (("40.7", "-74.0"), ("-71.1", "42.3"), ("0", "0")):
        answer = act(desk("dora"), case, "place", lat=lat, lon=lon)
        assert answer.status_code == 400
        assert 'id="place-lat-wrong"' in answer.text
        assert f'value="{lat}"' in answer.text
    assert act(desk("dora"), case, "place", lat="42.36", lon="-71.06", address="1 City Hall Sq").status_code == 303
    db.session.refresh(case)
    assert (case.latitude, case.longitude, case.place_problem, case.address) == (42.36, -71.06, None, "1 City Hall Sq")
    assert case.district_id is not None
    assert kinds(case)[-1] == "case_placed"
    with transaction() as tx:
        close_by_office(tx, case.id, "fixed", None, "", city.person_ids["dora"])
    assert act(desk("dora"), case, "place", lat="42.36", lon="-71.06").status_code == 409


@pytest.mark.parametrize("lat", ["", "x", "91", "-91", "nan", "inf", "1e5", "1_0", "٤٢", "9" * 400, "42,3"])
def test_a_latitude_that_is_none(desk, case: Case, lat: str) -> None:
    answer = act(desk("dora"), case, "place", lat=lat, lon="-71.1")
    assert answer.status_code == 400
    assert 'id="place-lat-wrong"' in answer.text


def test_notes_inside_and_for_residents(desk, client: FlaskClient, case: Case) -> None:
    assert act(desk("cal"), case, "note", text="caller is deaf, write to him").status_code == 303
    assert act(desk("dora"), case, "note", text="asphalt comes on Thursday", is_public="true").status_code == 303
    assert act(desk("dora"), case, "note", text=" ").status_code == 400
    assert [n.is_public for n in db.session.scalars(db.select(Note).order_by(Note.id))] == [False, True]
    inside = desk("dora").get(f"/console/cases/{case.number}").text
    assert "caller is deaf" in inside
    assert "residents can read it" in inside
    outside = client.get(f"/cases/{case.number}").text
    assert "asphalt comes on Thursday" in outside
    assert "deaf" not in outside


@pytest.mark.parametrize("decision", ["accept", "dismiss"])
def test_settle_a_closing_that_needs_review(desk, city, case: Case, decision: str) -> None:
    give(case, city)
    seen = case.round
    give(case, city, "PWD-2")
    closure_id = close_from_phone(desk, city, case, round_seen=seen)
    assert "Needs review" in desk("dora").get("/console/cases?group=review").text
    page = desk("dora").get(f"/console/cases/{case.number}").text
    assert "The office moved this case while the crew was working on it." in page
    assert page.count("The case now") == 1
    assert "Accept: close the case with it" in page
    assert "Accept: close the case with it" not in desk("cal").get(f"/console/cases/{case.number}").text
    assert act(desk("dora"), case, "settle", closure=closure_id, decision="perhaps").status_code == 400
    assert act(desk("dora"), case, "settle", closure=closure_id, decision=decision).status_code == 303
    db.session.refresh(case)
    closure = db.session.get_one(Closure, closure_id)
    assert closure.accepted is (decision == "accept")
    assert case.status == ("closed" if decision == "accept" else "assigned")
    assert case.review_reason is None
    again = act(desk("dora"), case, "settle", closure=closure_id, decision=decision)
    assert again.status_code == 409
    assert "Dora has decided this already" in again.text


def test_a_closing_is_settled_only_through_its_own_case(desk, city, case: Case) -> None:
    give(case, city)
    seen = case.round
    give(case, city, "PWD-2")
    closure_id = close_from_phone(desk, city, case, round_seen=seen)
    other = new_case()
    assert act(desk("dora"), other, "settle", closure=closure_id, decision="accept").status_code == 400
    assert db.session.get_one(Closure, closure_id).settled_at is None


# ---- what is shown ---------------------------------------------------------------------------------------------------


def test_everything_people_write_is_escaped(desk, city, app: Flask) -> None:
    case = new_case(description=XSS, address=XSS[:60], name=XSS, email=XSS, phone=XSS[:40])
    act(desk("dora"), case, "assign", crew=city.crew_ids["PWD-1"], why=XSS)
    act(desk("dora"), case, "note", text=XSS, is_public="true")
    db.session.refresh(case)
    close_from_phone(desk, city, case)
    with transaction() as tx:
        keep_in_quarantine(tx, city.person_ids["rosa"], XSS[:36], XSS, "unreadable", {XSS: [XSS]}, "d", json.dumps({"x": XSS}))
    pages = ["/console/cases?q=" + XSS.replace("#", ""), f"/console/cases/{case.number}", "/console/quarantine", "/console/crews"]
    for page in [*pages, f"/cases/{case.number}", "/"]:
        html = desk("dora").get(page).text
        assert "<script>alert" not in html, page
        assert "<img src=x" not in html, page
        assert " style=" not in html and " onclick" not in html, page
    again = act(desk("dora"), case, "close", outcome=XSS, detail=XSS, note=XSS)
    assert again.status_code == 400
    assert "<script>alert" not in again.text


def test_answers_are_shown_by_their_names(desk, city, app: Flask) -> None:
    values = [{"key": 1, "name": "It is off"}, {"key": "b", "name": "It flickers"}]
    with transaction() as tx:
        service = tx.session.scalars(db.select(Service).where(Service.code == "pothole")).one()
        service.questions = [{"code": "Q", "datatype": "multivaluelist", "description": "What does it do?", "values": values}]
    case = new_case(answers={"Q": ["1", "b", XSS], "gone": "x"})
    page = desk("dora").get(f"/console/cases/{case.number}").text
    assert "What does it do?" in page and "It is off, It flickers, &lt;script&gt;" in page


def test_contacts_are_for_the_office(desk, client: FlaskClient, app: Flask, city) -> None:
    case = new_case(name="Jane Canary", email="canary@example.org", phone="617-555-0142")
    assert "anary" not in desk("cal").get(f"/console/cases/{case.number}").text, "not before somebody asks for it"
    inside = desk("cal").post(f"/console/cases/{case.number}/contacts").text
    assert "Jane Canary" in inside and "canary@example.org" in inside and "617-555-0142" in inside
    outside = client.get(f"/cases/{case.number}").text + client.get("/").text
    assert "anary" not in outside and "0142" not in outside
    assert desk("rosa").post(f"/console/cases/{case.number}/contacts").status_code == 403
    looks = db.session.execute(db.select(ContactLook.case_id, ContactLook.person_id)).all()
    assert [tuple(look) for look in looks] == [(case.id, city.person_ids["cal"])], "each look is written down"
    assert "Who looked at that (1)" in desk("sue").get(f"/console/cases/{case.number}").text
    assert "Who looked at that" not in desk("dora").get(f"/console/cases/{case.number}").text


def test_the_head_numbers_answer_are_we_all_right(app: Flask, city) -> None:
    now = datetime.now(UTC)
    cases = [new_case() for _ in range(4)]
    give(cases[0], city)
    with transaction() as tx:
        close_by_office(tx, cases[1].id, "fixed", None, "", city.person_ids["dora"])
        late, risk = tx.session.get_one(Case, cases[2].id), tx.session.get_one(Case, cases[3].id)
        late.due_at, risk.due_at = now - timedelta(days=2), now + timedelta(hours=2)
        tx.session.get_one(Case, cases[0].id).due_at = now + timedelta(days=3)
        tx.session.get_one(Case, cases[1].id).due_at = now - timedelta(days=3)
        tx.session.get_one(Case, cases[0].id).review_reason = "closed_twice"
        keep_in_quarantine(tx, city.person_ids["rosa"], None, None, "unreadable", {}, "d", "{}")
    counts = board_counts(db.session, now)
    assert (counts.open, counts.unassigned, counts.in_hand, counts.late, counts.at_risk) == (3, 2, 1, 1, 1)
    assert (counts.review, counts.quarantined) == (1, 1)


def test_filters_and_orders(desk, city, app: Flask) -> None:
    pothole, tree = new_case(address="5 Elm St"), new_case(service_code="tree", description="100%_sure")
    done = new_case()
    give(pothole, city)
    now = datetime.now(UTC)
    with transaction() as tx:
        close_by_office(tx, done.id, "fixed", None, "", city.person_ids["dora"])
        tx.session.get_one(Case, tree.id).due_at = now - timedelta(hours=5)
        tx.session.get_one(Case, pothole.id).due_at = now + timedelta(hours=1)

    def found(**wanted: Any) -> list[str]:
        return [case.number for case in board_page(db.session, BoardFilter(**wanted), now).cases]

    assert found() == [tree.number, pothole.number]  # the most pressing first
    assert found(sort="opened", group="all") == [done.number, tree.number, pothole.number]
    assert found(group="waiting") == [tree.number]
    assert found(group="in_hand") == [pothole.number]
    assert found(group="closed") == [done.number]
    assert found(group="review") == []
    assert found(due="late") == [tree.number]
    assert found(due="risk") == [pothole.number]
    assert found(department=city.parks_id) == [tree.number]
    assert found(service=tree.service_id) == [tree.number]
    assert found(crew=city.crew_ids["PWD-1"]) == [pothole.number]
    assert found(crew=city.crew_ids["PWD-2"]) == []
    assert found(district=pothole.district_id, group="all", sort="updated")[0] == done.number
    assert found(q="elm st") == [pothole.number]
    assert found(q=tree.number) == [tree.number]
    page = desk("dora").get(f"/console/cases?group=in_hand&crew={city.crew_ids['PWD-1']}&due=")
    assert pothole.number in page.text and tree.number not in page.text


@pytest.mark.parametrize(
    "query",
    ["group=x", "due=never", "department=abc", "page=0", "page=-1", "sort=name", "crew=99999999999", "q=a&q=b", "colour=red"],
)
def test_a_filter_that_is_none_is_said(desk, city, query: str) -> None:
    answer = desk("dora").get(f"/console/cases?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.text


def test_long_lists_come_in_pages(desk, city, app: Flask) -> None:
    with transaction() as tx:
        for _ in range(PAGE_SIZE + 3):
            open_case(tx, NewReport(service_code="pothole", latitude=42.35, longitude=-71.09))
    first, second = (board_page(db.session, BoardFilter(page=page), datetime.now(UTC)) for page in (1, 2))
    assert (len(first.cases), len(second.cases), first.total, first.pages) == (PAGE_SIZE, 3, PAGE_SIZE + 3, 2)
    assert not {c.id for c in first.cases} & {c.id for c in second.cases}
    page = desk("dora").get("/console/cases?sort=opened").text
    assert 'href="/console/cases?sort=opened&amp;page=2"' in page
    assert desk("dora").get("/console/cases?page=99999").status_code == 200  # the last page there is


def test_crews_on_duty_with_what_they_hold(desk, city, case: Case) -> None:
    give(case, city)
    page = desk("dora").get("/console/crews").text
    assert "PWD-1" in page and "1 of 5" in page and case.number in page


def test_quarantined_work_is_shown_whole_and_settled_once(desk, city, app: Flask) -> None:
    with transaction() as tx:
        raw = json.dumps({"note": "what the crew meant"})
        keep_in_quarantine(
            tx, city.person_ids["rosa"], "phone-1", "op", "unknown_case", {"case": ["there is no such case"]}, "d", raw
        )
    work = db.session.scalars(db.select(QuarantinedWork)).one()
    page = desk("cal").get("/console/quarantine").text
    for words in ("It is about a case that does not exist here.", "Rosa", "phone-1", "what the crew meant"):
        assert words in page
    assert "Mark as settled" not in page
    address = f"/console/quarantine/{work.id}/settle"
    assert desk("cal").post(address).status_code == 403
    assert desk("dora").post(address, data={"x": "y"}).status_code == 400
    assert desk("dora").post(address).status_code == 303
    assert "Nothing is in quarantine." in desk("dora").get("/console/quarantine").text
    assert desk("dora").post(address).status_code == 409
    assert desk("dora").post("/console/quarantine/999/settle").status_code == 404


# ---- signing in ------------------------------------------------------------------------------------------------------


def enter(client: FlaskClient, email: str = "dora@city.test", password: str = "correct horse", **more: str) -> Any:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def test_the_office_signs_in_and_out(client: FlaskClient, city) -> None:
    answer = enter(client, " DORA@city.test ")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/")
    assert client.get("/sign-in").headers["Location"] == "/console/"
    assert client.get("/console/cases", follow_redirects=True).status_code == 200
    assert client.post("/sign-out").headers["Location"] == "/sign-in"
    assert client.get("/console/cases", headers={"Accept": "text/html"}).status_code == 302


def test_a_wrong_password_is_said_plainly(client: FlaskClient, city) -> None:
    for email in ("dora@city.test", "nobody@city.test"):
        answer = enter(client, email, "wrong")
        assert answer.status_code == 401
        assert "do not belong together" in answer.text
        assert f'value="{email}"' in answer.text
        assert 'value="wrong"' not in answer.text
    assert enter(client, "", "").status_code == 400
    assert enter(client, admin="1").status_code == 400


def test_a_crew_is_shown_the_way_to_its_phone_app(client: FlaskClient, city) -> None:
    assert person_who_signs_in(db.session, "rosa@city.test", "correct horse") is not None
    answer = enter(client, "rosa@city.test")
    assert answer.status_code == 403
    assert 'href="/crew/"' in answer.text
    assert client.get("/console/cases", headers={"Accept": "text/html"}).status_code == 302


ELSEWHERE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "/\\/evil.example",
    "https://evil.example", "http:evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "evil.example", "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example",
    "/ /evil.example", "/\x00/evil.example", "/\x0b/evil.example", "ftp://evil.example", "//evil.example/%2f..",
    "/%0d%0aSet-Cookie:x=1\r\n", "?//evil.example", "#//evil.example", ".//evil.example", "@evil.example",
    "/a\\b", "/\x7f/evil.example", "mailto:a@evil.example", "\u2028//evil.example",
]  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE)
def test_signing_in_leads_nowhere_else(client: FlaskClient, city, path: str) -> None:
    assert enter(client, next=path).headers["Location"] == "/console/"
    assert client.get("/sign-in", query_string={"next": path}).headers["Location"] == "/console/"


def test_signing_in_leads_back_to_where_one_was(client: FlaskClient, city) -> None:
    assert enter(client, next="/console/cases/26-000001?x=1").headers["Location"] == "/console/cases/26-000001?x=1"
