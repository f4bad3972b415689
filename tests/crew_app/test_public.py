"""Residents' pages: a report goes in whole or is sent back with words; a case's page says what is true and nothing private."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from phone import Phone, jpeg
from PIL import Image

from crew_app.extensions import db
from crew_app.models import Case, EventRow, Message, Note, Photo, Report, Service, Suspicion
from crew_app.relay import deliver_pending
from crew_app.services.assignments import assign_case, take_back
from crew_app.services.cases import NewReport, add_note, close_by_office, open_case, reopen_case, withdraw_case
from crew_app.transaction import transaction
from crew_app.wire.words import without_contacts

GOOD = {"service": "pothole", "address": "12 Main St", "lat": "42.35", "lon": "-71.09", "description": "A deep hole"}


def picture(kind: str = "JPEG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "brown").save(file, kind)
    file.seek(0)
    return file


def send(client: FlaskClient, photo: Any = None, **form: Any) -> Any:
    data: dict[str, Any] = {key: value for key, value in {**GOOD, **form}.items() if value is not None}
    if photo is not None:
        data["photo"] = (photo, "street.jpg")
    return client.post("/report", data=data, content_type="multipart/form-data", headers={"Accept": "text/html"})


def only_case() -> Case:
    db.session.rollback()
    return db.session.scalars(db.select(Case)).one()


def cases_count() -> int:
    db.session.rollback()
    return db.session.scalar(db.select(db.func.count()).select_from(Case)) or 0


def new_case(**given: Any) -> Case:
    with transaction() as tx:
        values = {"service_code": "pothole", "latitude": 42.35, "longitude": -71.09, "address": "12 Main St", **given}
        case_id = open_case(tx, NewReport(**values)).id
    return db.session.get_one(Case, case_id)


def test_home_leads_to_a_report_and_shows_the_latest(client: FlaskClient, city) -> None:
    numbers = [new_case().number for _ in range(12)]
    page = client.get("/").text
    assert "What is it about?" in page and "Pothole" in page
    assert [number in page for number in numbers] == [False] * 2 + [True] * 10
    answer = client.get("/find", query_string={"number": f" {numbers[0]} "})
    assert answer.headers["Location"] == f"/cases/{numbers[0]}"
    assert client.get("/find").headers["Location"] == "/"


def test_home_of_a_city_without_services(client: FlaskClient, app: Flask) -> None:
    assert "has not said yet" in client.get("/").text


def test_a_report_becomes_a_case_and_its_page_says_what_is_next(client: FlaskClient, city) -> None:
    answer = send(client, email="jane@example.org", phone="617-555-0100")
    case = only_case()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/cases/{case.number}")
    assert (case.address, case.latitude, case.longitude, case.description) == ("12 Main St", 42.35, -71.09, "A deep hole")
    assert (case.source, case.place_problem) == ("Self Service", None)
    report = db.session.scalars(db.select(Report)).one()
    assert (report.email, report.phone, report.name, report.channel) == ("jane@example.org", "617-555-0100", None, "web")
    page = client.get(f"/cases/{case.number}")
    assert page.headers["Cache-Control"] == "no-store"
    for words in ("Thank you. We have your report.", case.number, "we send it to the nearest crew", "We expect it to be done by"):
        assert words in page.text
    assert "example.org" not in page.text and "0100" not in page.text


def test_an_address_alone_is_enough(client: FlaskClient, city) -> None:
    assert send(client, lat="", lon="").status_code == 303
    assert only_case().place_problem == "missing"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_and_cleaned_but_not_public(client: FlaskClient, city, app: Flask, kind: str) -> None:
    assert send(client, picture(kind)).status_code == 303
    photo = db.session.scalars(db.select(Photo)).one()
    assert (photo.kind, photo.state, photo.size) == ("reported", "verified", len(picture(kind).getvalue()))
    assert app.extensions["photo_store"].exists(f"{photo.sha256}/original")
    assert not list((app.config["PHOTO_FOLDER"] / "incoming").iterdir())
    assert "photo_verified" in list(db.session.scalars(db.select(EventRow.kind)))
    deliver_pending()
    db.session.expire_all()
    photo = db.session.scalars(db.select(Photo)).one()
    assert photo.is_showable
    assert client.get(f"/photos/{photo.id}/small").status_code == 404
    assert photo.id not in client.get(f"/cases/{only_case().number}").text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"x" * 50,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"\xff\xd8",
        b"RIFF1234WAVE",
        b"MZ" * 99,
    ],
)
def test_what_is_no_photo_is_sent_back(client: FlaskClient, city, content: bytes) -> None:
    answer = send(client, io.BytesIO(content))
    assert answer.status_code == 400
    assert 'id="report-photo-wrong"' in answer.text
    assert "This file is no photo." in answer.text
    assert "A deep hole" in answer.text  # what was typed is still there
    assert cases_count() == 0


def send_large(client: FlaskClient, photo_bytes: int) -> Any:
    """Written by hand: the test client would leave its own temporary file of a large form open."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in GOOD.items()]
    parts.append('--x\r\nContent-Disposition: form-data; name="photo"; filename="street.jpg"\r\n\r\n')
    body = "".join(parts).encode() + b"\xff\xd8\xff" + bytes(photo_bytes - 3) + b"\r\n--x--\r\n"
    return client.post("/report", data=body, content_type="multipart/form-data; boundary=x", headers={"Accept": "text/html"})


def test_a_photo_of_more_than_20_mib(client: FlaskClient, city) -> None:
    answer = send_large(client, 20 * 1024 * 1024 + 1)
    assert answer.status_code == 400
    assert "larger than 20 MB" in answer.text
    assert cases_count() == 0
    assert send_large(client, 20 * 1024 * 1024).status_code == 303


def test_more_than_the_server_reads_at_all(client: FlaskClient, city) -> None:
    answer = send_large(client, 24 * 1024 * 1024)
    assert answer.status_code == 413
    assert "Choose a smaller photo" in answer.text
    assert cases_count() == 0


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"lat": "x"}, "lat"),
        ({"lat": "91"}, "lat"),
        ({"lon": "-181"}, "lon"),
        ({"lat": "nan"}, "lat"),
        ({"lat": "42.3", "lon": ""}, "lon"),
        ({"lat": "", "lon": "-71"}, "lat"),
        ({"lat": "", "lon": "", "address": " "}, "address"),
        ({"address": "x" * 301}, "address"),
        ({"description": "x" * 4001}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"email": "not an address"}, "email"),
        ({"phone": "1" * 41}, "phone"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_a_mistake_is_named_beside_its_field(client: FlaskClient, city, form: dict[str, str], field: str) -> None:
    answer = send(client, **form)
    assert answer.status_code == 400
    assert f'id="report-{field}-wrong"' in answer.text
    assert cases_count() == 0


def test_all_mistakes_are_told_at_once(client: FlaskClient, city) -> None:
    text = send(client, io.BytesIO(b"no"), lat="x", email="y").text
    assert all(f'id="report-{field}-wrong"' in text for field in ("photo", "lat", "email"))


def test_unknown_fields_are_refused(client: FlaskClient, city) -> None:
    for extra in (
        {"evil": "1"},
        {"status": "closed"},
        {"answer:NOPE": "1"},
        {"other": (picture(), "x.jpg")},
        {"address": ["a", "b"]},
    ):
        answer = send(client, **extra)
        assert answer.status_code == 400, extra
        assert next(iter(extra)) in answer.text
    assert cases_count() == 0


@pytest.mark.parametrize("code", ["nope", "", "secret", "retired"])
def test_a_service_that_residents_cannot_choose(client: FlaskClient, city, code: str) -> None:
    with transaction() as tx:
        tx.session.add(Service(code="secret", name="Inside", department_id=city.works_id, is_public=False))
        tx.session.add(Service(code="retired", name="Gone", department_id=city.works_id, is_active=False))
    answer = send(client, service=code)
    assert answer.status_code == 400
    assert "The city has no such service." in answer.text
    assert client.get("/report", query_string={"service": code}).status_code == 400
    assert client.get("/report").status_code == 200
    page = client.get("/").text
    assert "Inside" not in page and "Gone" not in page
    assert cases_count() == 0


QUESTIONS = [
    {"variable": False, "code": "INFO", "datatype": "string", "required": False, "description": "Keep away from wires", "values": []},
    {"variable": True, "code": "STATE", "datatype": "singlevaluelist", "required": True, "description": "What does it do?",
     "values": [{"key": "off", "name": "It is off"}, {"key": "day", "name": "It burns by day"}]},
    {"variable": True, "code": "HURT", "datatype": "multivaluelist", "required": False, "description": "Dangers",
     "values": [{"key": 1, "name": "Wire"}, {"key": 2, "name": "Glass"}]},
    {"variable": True, "code": "HOW MANY", "datatype": "number", "required": False, "description": "How many?", "values": []},
    {"variable": True, "code": "SINCE", "datatype": "datetime", "required": False, "description": "Since when?", "values": []},
    {"variable": True, "code": "MORE", "datatype": "text", "required": False, "description": "More", "values": []},
]  # fmt: skip


@pytest.fixture
def light(city) -> str:
    with transaction() as tx:
        tx.session.add(Service(code="a:b/c 'd'", name="Street light", department_id=city.works_id, questions=QUESTIONS))
    return "a:b/c 'd'"


def test_a_service_asks_its_own_questions(client: FlaskClient, light: str) -> None:
    page = client.get("/report", query_string={"service": light}).text
    for words in ("Keep away from wires", "What does it do?", "It burns by day", "Glass", 'type="date"', "answer:MORE"):
        assert words in page
    answers = {
        "answer:STATE": "off",
        "answer:HURT": ["1", "2"],
        "answer:HOW MANY": "3",
        "answer:SINCE": "2026-11-01",
        "answer:MORE": "",
    }
    assert send(client, service=light, **answers).status_code == 303
    assert only_case().answers == {"STATE": "off", "HURT": ["1", "2"], "HOW MANY": "3", "SINCE": "2026-11-01"}


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({}, "STATE"),
        ({"answer:STATE": "on"}, "STATE"),
        ({"answer:STATE": ["off", "day"]}, "STATE"),
        ({"answer:STATE": "off", "answer:HURT": "3"}, "HURT"),
        ({"answer:STATE": "off", "answer:HOW MANY": "many"}, "HOW MANY"),
        ({"answer:STATE": "off", "answer:SINCE": "lately"}, "SINCE"),
        ({"answer:STATE": "off", "answer:MORE": "x" * 4001}, "MORE"),
    ],
)
def test_an_answer_that_is_none(client: FlaskClient, light: str, answers: dict[str, Any], wrong: str) -> None:
    answer = send(client, service=light, **answers)
    assert answer.status_code == 400
    assert f'id="report-answer:{wrong}-wrong"' in answer.text
    assert cases_count() == 0


# ---- the page of a case ----------------------------------------------------------------------------------------------


def test_no_such_case(client: FlaskClient, city) -> None:
    answer = client.get("/cases/99-123456", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "We know no case with the number" in answer.text
    assert client.get("/cases/<script>alert(1)</script>", headers={"Accept": "text/html"}).text.count("<script>alert") == 0


def test_a_case_of_a_service_that_is_not_public_is_nobodys_business(client: FlaskClient, city) -> None:
    case = new_case()
    with transaction() as tx:
        tx.session.get_one(Service, case.service_id).is_public = False
    assert client.get(f"/cases/{case.number}", headers={"Accept": "text/html"}).status_code == 404
    assert case.number not in client.get("/").text


def test_the_story_of_a_case(client: FlaskClient, city) -> None:
    case, dora = new_case(), city.person_ids["dora"]
    address = f"/cases/{case.number}"

    def steps() -> list[str]:
        page = client.get(address).text
        words = ("Reported", "Sent to a crew", "Waiting for another crew", "Opened again", "It is fixed.", "Withdrawn")
        return [word for word in words if f"<strong>{word}</strong>" in page]

    assert steps() == ["Reported"]
    with transaction() as tx:
        assign_case(tx, case.id, city.crew_ids["PWD-1"], dora, "SECRET REASON")
    with transaction() as tx:
        assign_case(tx, case.id, city.crew_ids["PWD-2"], dora)
    assert steps() == ["Reported", "Sent to a crew"]
    page = client.get(address).text
    assert page.count("<strong>Sent to a crew</strong>") == 1
    assert "PWD-" not in page and "SECRET" not in page and "Dora" not in page
    with transaction() as tx:
        take_back(tx, case.id, "", dora)
    assert steps() == ["Reported", "Sent to a crew", "Waiting for another crew"]
    with transaction() as tx:
        close_by_office(tx, case.id, "fixed", None, "Call 617-555-0123 <b>now</b>", dora)
    assert "It is fixed." in steps()
    page = client.get(address).text
    assert "617-555" not in page and "&lt;b&gt;now" in page
    with transaction() as tx:
        reopen_case(tx, case.id, "", dora)
    assert "Opened again" in steps() and "It is fixed." not in steps()
    with transaction() as tx:
        withdraw_case(tx, case.id, "", dora)
    assert "Withdrawn" in steps()
    assert "This report was withdrawn." in client.get(address).text


@pytest.mark.parametrize(
    ("outcome", "detail", "words"),
    [
        ("made_safe", None, "made safe for now"),
        ("not_found", None, "could not find it"),
        ("no_access", None, "could not get to it"),
        ("not_ours", "Water & Sewer", "It belongs to: Water &amp; Sewer."),
        ("scheduled", "2026-11-30", "planned for Monday, November 30, 2026"),
        ("duplicate", "99-1", "It was reported before, as case 99-1."),
    ],
)
def test_how_it_ended_in_words(client: FlaskClient, city, outcome: str, detail: str | None, words: str) -> None:
    case = new_case()
    with transaction() as tx:
        close_by_office(tx, case.id, outcome, detail, "", city.person_ids["dora"])
    assert words in client.get(f"/cases/{case.number}").text


def test_a_duplicate_leads_to_the_other_case(client: FlaskClient, city) -> None:
    first, second = new_case(), new_case()
    with transaction() as tx:
        close_by_office(tx, second.id, "duplicate", first.number, "", city.person_ids["dora"])
    assert f'href="/cases/{first.number}"' in client.get(f"/cases/{second.number}").text


def test_a_late_case_says_so(client: FlaskClient, city) -> None:
    case = new_case()
    with transaction() as tx:
        tx.session.get_one(Case, case.id).due_at = datetime.now(UTC) - timedelta(days=1)
    assert "It takes longer; we are sorry." in client.get(f"/cases/{case.number}").text


def test_what_is_private_stays_private(client: FlaskClient, city) -> None:
    case = new_case(description="Ask joe@canary.example or (617) 555-0188", name="Canary", email="c@canary.example", phone="canary")
    with transaction() as tx:
        add_note(tx, case.id, "internal canary", city.person_ids["dora"])
    for page in ("/", f"/cases/{case.number}"):
        text = client.get(page).text
        assert "anary" not in text and "0188" not in text, page


@pytest.mark.parametrize(
    ("words", "published"),
    [
        ("mail a.b+c@x-y.example.org.", "mail [hidden]"),
        ("call 617-555-0123 now", "call [hidden] now"),
        ("call (617) 555 0123", "call [hidden]"),
        ("+1 617.555.0123", "[hidden]"),
        ("6175550123", "[hidden]"),
        ("123-45-6789", "[hidden]"),
        (
            "pole 12345, route 128, 02127, 26-004711, 2026-11-30 at 10:15",
            "pole 12345, route 128, 02127, 26-004711, 2026-11-30 at 10:15",
        ),
        ("42.36012, -71.05894", "42.36012, -71.05894"),
        ("case 101004114069", "case 101004114069"),
    ],
)
def test_contacts_in_free_text_are_blotted_out(words: str, published: str) -> None:
    assert without_contacts(words) == published


def test_pages_speak_words_when_something_is_not_there(client: FlaskClient, city) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert client.put("/report", headers={"Accept": "text/html"}).status_code == 405


# ---- a report whose answer was lost --------------------------------------------------------------------------------------


def test_a_report_that_is_sent_again_under_its_key_is_the_same_case(client: FlaskClient, city) -> None:
    key = "0190aaaa-0000-7000-8000-000000000001"
    first, again = (send(client, sent_as=key).headers["Location"] for _ in range(2))
    assert first == again == f"/cases/{only_case().number}"
    assert send(client, sent_as="not-a-key").status_code == 400
    assert send(client, sent_as="0190aaaa-0000-7000-8000-000000000002").headers["Location"] != first


# ---- still not fixed -----------------------------------------------------------------------------------------------------


def doubt(client: FlaskClient, number: str, photo: Any = None, **form: Any) -> Any:
    data = {**form, **({"photo": (photo, "street.jpg")} if photo else {})}
    return client.post(f"/cases/{number}/not-fixed", data=data, content_type="multipart/form-data", headers={"Accept": "text/html"})


def closed_by_a_crew(city, client: FlaskClient) -> Case:
    case = new_case()
    with transaction() as tx:
        assign_case(tx, case.id, city.crew_ids["PWD-1"], city.person_ids["dora"])
    phone = Phone(client)
    assert phone.push(phone.closing(case.id, 1)).json["results"][0]["verdict"] == "counted"
    return only_case()


def test_still_not_fixed_goes_back_to_the_same_crew_and_whoever_leads_it(client: FlaskClient, signed_in, city) -> None:
    case = closed_by_a_crew(city, signed_in("rosa"))
    page = client.get(f"/cases/{case.number}").text
    assert "Still not fixed?" in page
    answer = doubt(client, case.number, io.BytesIO(jpeg()), words="The hole is as deep as before.")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/cases/{case.number}")
    case = only_case()
    assert (case.status, case.pinned_crew_id, case.closed_at) == ("reopened", city.crew_ids["PWD-1"], None)
    (note,) = db.session.scalars(db.select(Note).where(Note.case_id == case.id))
    assert (note.text, note.is_public) == ("The hole is as deep as before.", False)
    (doubted,) = db.session.scalars(db.select(Suspicion))
    assert (doubted.code, doubted.crew_id) == ("still_not_fixed", city.crew_ids["PWD-1"])
    assert "A resident says it is still not fixed." in signed_in("sue").get("/console/review").text
    deliver_pending()
    (told,) = db.session.scalars(db.select(Message))
    assert (told.crew_id, told.kind) == (city.crew_ids["PWD-1"], "reopened")
    assert db.session.scalar(db.select(db.func.count()).select_from(Photo)) == 1
    page = client.get(f"/cases/{case.number}").text
    assert "as deep as before" not in page and "Still not fixed?" not in page and "Opened again" in page


def test_only_what_was_closed_lately_can_be_doubted(client: FlaskClient, city) -> None:
    case = new_case()
    assert (doubt(client, case.number).status_code, only_case().round) == (409, 0)
    with transaction() as tx:
        close_by_office(tx, case.id, "fixed", None, "", city.person_ids["dora"])
        tx.session.get_one(Case, case.id).closed_at = datetime.now(UTC) - timedelta(days=90)
    assert "Still not fixed?" not in client.get(f"/cases/{case.number}").text
    answer = doubt(client, case.number)
    assert answer.status_code == 409 and "report it anew" in answer.text
    assert doubt(client, "26-999999").status_code == 404


def test_what_is_wrong_with_a_doubt_is_said_beside_it_and_nothing_is_opened(client: FlaskClient, city) -> None:
    case = new_case()
    with transaction() as tx:
        close_by_office(tx, case.id, "fixed", None, "", city.person_ids["dora"])
    answer = doubt(client, case.number, io.BytesIO(b"no picture at all"), words="x" * 1001)
    assert answer.status_code == 400 and "This file is no photo." in answer.text
    assert only_case().status == "closed"
    assert doubt(client, case.number).status_code == 303, "one tap is enough, and nobody in particular closed it"
    assert only_case().status == "reopened"
