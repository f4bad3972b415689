"""Where bad input is tried: a door sends one bad value in an otherwise good request, and says what must then be stored."""

from __future__ import annotations

import copy
import itertools
import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse
from words import MOMENTS, NUMBERS, as_json, bodies, values, words

from crew_app.extensions import db
from crew_app.models import Case, Closure, Note, Report

PHONE = {"X-Crew311": "1", "Content-Type": "application/json"}


@dataclass
class Town:
    """Who asks: nobody, somebody of a crew, a dispatcher; and things to ask about."""

    nobody: FlaskClient
    crew: FlaskClient
    office: FlaskClient
    key: str
    number: str  # of a case
    new_job: Callable[[], tuple[int, int]]


@dataclass
class Tried:
    """One input: what was answered, and whether what is stored is what was accepted (None: nothing was)."""

    answer: TestResponse
    is_equal: bool | None = None


Door = Iterator[Callable[[Town], Tried]]


def typed(value: str) -> str:
    """As a form's words are kept: line ends made plain, trimmed (wire/forms.py)."""
    return value.replace("\r\n", "\n").strip()


def newest(column: Any) -> Any:
    db.session.rollback()
    return db.session.scalar(select(column).order_by(column.class_.id.desc()).limit(1))


def form_words(chance: random.Random) -> Door:
    """A resident's form: each field of words."""
    for value in words(chance):
        for field in ("description", "address", "name", "email", "phone"):

            def ask(town: Town, field: str = field, value: str = value) -> Tried:
                form = {"service": "pothole", "address": "1 Main Street", "description": "A hole."} | {field: encodable(value)}
                answer = town.nobody.post("/report", data=form)
                column = {"description": Case.description, "address": Case.address}.get(field) or getattr(Report, field)
                return Tried(
                    answer,
                    answer.status_code == 303 and (newest(column) or "") == typed(form[field])
                    if answer.status_code == 303
                    else None,
                )

            yield ask


def program_words(chance: random.Random) -> Door:
    """Another program's report: each field."""
    for value in words(chance):
        for field in ("description", "address_string", "first_name", "service_code", "media_url", "attribute[x]", "account_id"):

            def ask(town: Town, field: str = field, value: str = value) -> Tried:
                form = {"api_key": town.key, "service_code": "pothole", "lat": "42.35", "long": "-71.1", field: encodable(value)}
                answer = town.nobody.post("/open311/v2/requests.json", data=form)
                if field == "description" and answer.status_code in (200, 201):
                    return Tried(answer, newest(Case.description) == typed(form[field]))
                return Tried(answer)

            yield ask


def notes(chance: random.Random) -> Door:
    """The office's note, and a crew's: kept to the character."""
    for value in words(chance):

        def by_office(town: Town, value: str = value) -> Tried:
            answer = town.office.post(f"/console/cases/{town.number}/note", data={"text": encodable(value)})
            return Tried(answer, newest(Note.text) == typed(encodable(value)) if answer.status_code == 303 else None)

        def by_crew(town: Town, value: str = value) -> Tried:
            operation = closing(*town.new_job())
            operation["payload"]["note"] = value
            answer = town.crew.post("/sync/v1/push", data=as_json(pushed(operation)), headers=PHONE)
            db.session.rollback()
            kept = db.session.get(Closure, operation["id"])
            return Tried(answer, kept.note == json.loads(as_json(value)) if kept is not None else None)

        yield by_office
        yield by_crew


def numbers(chance: random.Random) -> Door:
    """Every number there is to send."""
    for value in itertools.chain(NUMBERS, (str(chance.uniform(-1e6, 1e6)) for _ in itertools.count())):

        def place(town: Town, value: str = value) -> Tried:
            form = {"service": "pothole", "lat": value, "lon": "-71.1"}
            answer = town.nobody.post("/report", data=form)
            return Tried(
                answer, newest(Case.latitude) == float(value.strip()) if answer.status_code == 303 and value.strip() else None
            )

        def reported(town: Town, value: str = value) -> Tried:
            form = {"api_key": town.key, "service_code": "pothole", "lat": "42.35", "long": value}
            return Tried(town.nobody.post("/open311/v2/requests.json", data=form))

        yield place
        yield reported
        for address in ("/map/cases.json?bbox={0},-72,43,-71", "/open311/v2/requests.json?page={0}", "/open311/v2/requests.json?page_size={0}",
                        "/console/live/changes?after={0}", "/sync/v1/pull?unsent={0}", "/sync/v1/pull?cursor={0}", "/console/intake/beside?service=pothole&lat={0}&lon=0"):  # fmt: skip

            def asked(town: Town, address: str = address, value: str = value) -> Tried:
                who = town.office if "console" in address else town.crew if "sync" in address else town.nobody
                path, query = address.split("?")
                given = dict(part.split("=") for part in query.split("&"))
                return Tried(who.get(path, query_string={name: it.replace("{0}", value) for name, it in given.items()}))

            yield asked


def moments(chance: random.Random) -> Door:
    made = itertools.chain(MOMENTS, (f"{chance.randrange(0, 11000):04}-{chance.randrange(0, 14):02}-{chance.randrange(0, 33):02}T{chance.randrange(0, 26):02}:{chance.randrange(0, 62):02}:00Z" for _ in itertools.count()))  # fmt: skip
    for value in made:
        for address in ("/open311/v2/requests.json?start_date={0}", "/open311/v2/requests.json?end_date={0}", "/open311/v2/requests.json?updated_after={0}",
                        "/data/cases.csv?since={0}", "/open311/v2/servicerequestupdates.json?start_date={0}"):  # fmt: skip

            def asked(town: Town, address: str = address, value: str = value) -> Tried:
                path, query = address.split("?")
                with town.nobody.get(path, query_string={query.split("=")[0]: value}) as answer:
                    answer.get_data()
                return Tried(answer)

            yield asked

        def pushed_at(town: Town, value: str = value) -> Tried:
            operation = {**closing(*town.new_job()), "made_at": value}
            return Tried(town.crew.post("/sync/v1/push", data=as_json(pushed(operation)), headers=PHONE))

        yield pushed_at


def questions(chance: random.Random) -> Door:
    """Words in addresses: searches, filters, names of things."""
    for value in words(chance):
        for address in ("/find?number={0}", "/console/cases?q={0}", "/console/cases?reporter={0}", "/console/intake/places?q={0}", "/feeds/cases.atom?service={0}",
                        "/open311/v2/requests.json?service_code={0}", "/open311/v2/requests.json?service_request_id={0}", "/map/cases.json?bbox={0}", "/report?service={0}",
                        "/sync/v1/pull?device={0}", "/sign-in?next={0}", "/dashboard/?days={0}", "/console/cases.csv?district={0}"):  # fmt: skip

            def asked(town: Town, address: str = address, value: str = value) -> Tried:
                path, query = address.split("?")
                who = town.office if "console" in address else town.crew if "sync" in address else town.nobody
                with who.get(path, query_string={query.split("=")[0]: encodable(value)}) as answer:
                    answer.get_data()
                return Tried(answer)

            yield asked


def bodies_of_phones(chance: random.Random) -> Door:
    """What is no JSON, and what is JSON and no push."""
    for body in bodies(chance, as_json(pushed(closing(1, 1)))):
        yield lambda town, body=body: Tried(town.crew.post("/sync/v1/push", data=body, headers=PHONE))
        yield lambda town, body=body: Tried(
            town.office.post("/console/api/cases/urgent", data=body, content_type="application/json")
        )
        yield lambda town, body=body: Tried(town.nobody.post("/sync/v1/sign-in", data=body, headers=PHONE))


def fields_of_phones(chance: random.Random) -> Door:
    """Each field of a push, one after the other, with what should not be there."""
    for value in values(chance):
        for path in (("v",), ("device",), ("operations",), ("operations", 0), *(("operations", 0, name) for name in closing(1, 1)),
                     *(("operations", 0, "payload", name) for name in closing(1, 1)["payload"])):  # fmt: skip

            def ask(town: Town, path: tuple[Any, ...] = path, value: object = value) -> Tried:
                body: Any = copy.deepcopy(pushed(closing(1, 1)))
                inner = body
                for step in path[:-1]:
                    inner = inner[step]
                inner[path[-1]] = value
                return Tried(town.crew.post("/sync/v1/push", data=as_json(body), headers=PHONE))

            yield ask


DOORS: tuple[Callable[[random.Random], Door], ...] = (
    form_words, program_words, notes, numbers, moments, questions, bodies_of_phones, fields_of_phones,
)  # fmt: skip


def every_input(seed: int) -> Door:
    """One of each door in turn, for ever."""
    doors = [door(random.Random(f"{seed} {door.__name__}")) for door in DOORS]
    for door in itertools.cycle(doors):
        yield next(door)


def closing(case: int, round_seen: int) -> dict[str, Any]:
    payload = {"outcome": "fixed", "note": "Done.", "photos": []}
    return {"id": str(uuid.uuid4()), "seq": 1, "kind": "close", "case": case, "round": round_seen, "made_at": datetime.now(UTC).isoformat(), "age_ms": 0, "payload": payload}  # fmt: skip


def pushed(operation: dict[str, Any]) -> dict[str, Any]:
    return {"v": 1, "device": str(uuid.uuid4()), "operations": [operation]}


def encodable(value: str) -> str:
    """Half characters cannot be sent in a form or an address: their bytes are, as a broken client would send them."""
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
