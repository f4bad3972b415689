"""What the crew's phone talks to: sign in, push, pull (docs/sync-protocol.md)."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, session
from flask_login import current_user
from werkzeug.datastructures import Headers

from crew_app.doors import come_in, go_out
from crew_app.errors import BadInput, Conflict, NotAllowed, SignInNeeded, TooLarge
from crew_app.extensions import db
from crew_app.guards import own_id
from crew_app.limits import slow_down_guessing
from crew_app.models import Crew, Door, Person
from crew_app.models.at_hand import Sender
from crew_app.queries.cases import active_services
from crew_app.queries.day import names_of_crew, skills_of_department
from crew_app.queries.feed import device_standing, server_epoch
from crew_app.services.crews import contact_is_news, note_contact
from crew_app.services.devices import bind_revocation, is_session_revoked, note_device
from crew_app.services.operations import keep_in_quarantine, record_push
from crew_app.services.people import person_who_signs_in
from crew_app.services.pull import Cursor, is_news, page_for_revoked, pull_page
from crew_app.transaction import system_clock, transaction
from crew_app.wire.fields import UUID, load, parse_json
from crew_app.wire.phone import EnvelopeSchema, SignInSchema, iso, page_body
from crew_app.workflow import OUTCOME_NEEDS_DETAIL, ClosingOutcome
from sync.types import Refusal

bp = Blueprint("phone", __name__)

# Below this, gzip's own overhead eats what it saves.
GZIP_FROM_BYTES = 500
# In the cookie: the end of the id of the phone that signed in. A phone that was revoked cannot call itself another.
DEVICE, DEVICE_TAIL = "d", 8
# What is left to a revoked phone: to send its work, which is kept and not applied, and to hear that it is revoked.
LEFT_TO_REVOKED = ("phone.sign_in", "phone.sign_out", "phone.push", "phone.pull")
# What tells a browser how to show a page. Our answers are JSON for a program and never shown; nosniff stays.
PAGE_HEADERS = ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy", "Referrer-Policy")


class JsonAnswer(Response):
    """JSON on a slow link: compressed where it pays, and without the headers that only pages need.

    Compressing does not leak (BREACH): the answers hold no secret beside what was sent to us, and another site cannot
    make a phone ask (SameSite cookie).
    """

    default_mimetype = "application/json"

    def __init__(self, body: dict[str, Any], *, renews_sign_in: bool = True) -> None:
        content = json.dumps(body, separators=(",", ":")).encode()
        super().__init__(content)
        self.renews_sign_in = renews_sign_in
        if len(content) > GZIP_FROM_BYTES:
            self.vary.add("Accept-Encoding")
            if request.accept_encodings.quality("gzip") > 0:
                self.set_data(gzip.compress(content, compresslevel=6, mtime=0))
                self.content_encoding = "gzip"

    def get_wsgi_headers(self, environ: Any) -> Headers:
        headers = super().get_wsgi_headers(environ)
        for name in PAGE_HEADERS if self.renews_sign_in else (*PAGE_HEADERS, "Set-Cookie", "Vary"):
            headers.pop(name, None)
        return headers


@bp.before_request
def refuse_revoked() -> None:
    if request.endpoint not in LEFT_TO_REVOKED and _is_revoked():
        raise SignInNeeded("The office has switched this phone off.", code="device-revoked")


@bp.after_request
def forbid_keeping(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/sign-in")
def sign_in() -> Response:
    given = load(SignInSchema(), parse_json(request.get_data()))
    was_right = slow_down_guessing(given["email"])
    person = person_who_signs_in(db.session, given["email"], given["password"])
    if person is None:
        current_app.logger.warning("sign-in refused at the phone: wrong address or password")
        raise SignInNeeded("This address and password do not belong together.", code="wrong-password")
    was_right()
    if person.crew_id is None:
        raise NotAllowed("You are in no crew yet. Ask the office to put you in one.", code="no-crew")
    come_in(person, Door.PHONE)
    return jsonify(_me(person))


@bp.get("/me")
def me() -> Response:
    return jsonify(_me(current_user))


@bp.post("/sign-out")
def sign_out() -> Response:
    go_out()
    return jsonify({})


@bp.get("/services")
def services() -> Response:
    """What a crew can open a case or a follow-up for."""
    return jsonify(
        services=[
            {"code": s.code, "name": s.name, "group": s.group, "department": s.department.name} for s in active_services(db.session)
        ]
    )


@bp.post("/push")
def push() -> Response:
    body = _read_within(current_app.config["MAX_PUSH_BYTES"])
    try:
        envelope = load(EnvelopeSchema(), parse_json(body))
    except BadInput as error:
        _keep_unread(body, error)
        raise
    sender = Sender(current_user.id, current_user.crew_id)
    is_contact = contact_is_news(current_user.crew, system_clock())
    with transaction() as tx:
        if is_contact:
            note_contact(tx, tx.session.get_one(Crew, sender.crew_id))
        bind_revocation(tx, sender.person_id, _tail_of_another(envelope["device"]), envelope["device"])
        answer = record_push(tx, sender, envelope["device"], envelope["app"], envelope["operations"])
        epoch, received_at = server_epoch(tx.connection), tx.now
    said: dict[str, Any] = {
        "v": 1,
        "epoch": epoch,
        "device": envelope["device"],
        "received_at": iso(received_at),
        "results": answer.results,
        "expected_seq": answer.expected_seq,
    }
    _remember(envelope["device"])
    is_revoked = any(result["reason"] == Refusal.DEVICE_REVOKED for result in answer.results)
    if envelope["cursor"] is not None and not is_revoked:
        said["page"] = _page_after_push(sender.crew_id, envelope)
    return JsonAnswer(said)


@bp.get("/pull")
def pull() -> Response:
    device = request.args.get("device")
    if device is not None and not UUID.match(device):
        raise BadInput("This device is none of ours.", errors={"device": ["not a UUID in lower case"]})
    text = request.args.get("cursor")
    held = _count("held")
    unsent = _count("unsent")
    standing = device_standing(db.session, device) if device is not None else None
    if standing is not None and standing.person_id != current_user.id:
        raise Conflict("This outbox belongs to another person.", errors={"device": ["another person's"]}, code="device-not-yours")
    cursor = Cursor.parse(text) if text else None
    if (standing is not None and standing.revoked_at is not None) or _is_revoked(beside=device):
        return JsonAnswer(page_for_revoked(db.session, device, cursor, system_clock()))
    crew_id, is_contact = current_user.crew_id, contact_is_news(current_user.crew, system_clock())
    if is_contact or (device is not None and (standing is None or unsent not in (None, standing.unsent))):
        with transaction() as tx:
            if is_contact:
                note_contact(tx, tx.session.get_one(Crew, crew_id))
            if device is not None:
                note_device(tx, own_id(), device, unsent)
    if device is not None:
        _remember(device)
    page = pull_page(db.session, db.session.get_one(Crew, crew_id), device, cursor, system_clock(), held)
    is_brief = request.args.get("brief") == "1" and not is_news(page)
    return JsonAnswer(page_body(page, brief=is_brief, columns=request.args.get("columns") == "1"), renews_sign_in=not is_brief)


def _page_after_push(crew_id: int, envelope: dict[str, Any]) -> dict[str, Any] | None:
    """What a pull would answer now, on a snapshot that has the push in it; None if there is no page to be had.

    The work is taken, whatever becomes of the page: then the phone pulls, and hears there what is the matter.
    """
    try:
        cursor = Cursor.parse(envelope["cursor"])
        crew = db.session.get_one(Crew, crew_id)
        page = pull_page(db.session, crew, envelope["device"], cursor, system_clock(), envelope["held"])
    except BadInput:
        return None
    except Exception:
        current_app.logger.exception("a push was taken and answered without its page")
        return None
    return page_body(page, brief=not is_news(page), columns=True)


def _remember(device: str) -> None:
    if DEVICE not in session:
        session[DEVICE] = device[-DEVICE_TAIL:]


def _tail_of_another(device: str | None) -> str | None:
    """The phone that signed in, if it goes by another name now."""
    tail: str | None = session.get(DEVICE)
    return None if tail is None or (device or "").endswith(tail) else tail


def _is_revoked(beside: str | None = None) -> bool:
    """Was the phone that signed in revoked? `beside`: a device that is looked at anyway."""
    tail = _tail_of_another(beside)
    return tail is not None and is_session_revoked(db.session, current_user.id, tail)


def _count(name: str) -> int | None:
    """A small number from the address, or None."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInput("This number is none of ours.", errors={name: ["not a small whole number"]})
    return int(text)


def _read_within(limit: int) -> bytes:
    """The body, or TooLarge before it is in memory."""
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge("Send fewer operations at once.", errors={"body": [f"more than {limit} bytes"]})
    return request.get_data()


def _keep_unread(body: bytes, error: BadInput) -> None:
    """A crew's work is never refused into the void: what cannot be read is kept for a person."""
    with transaction() as tx:
        digest = hashlib.sha256(body).hexdigest()
        raw = body.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
        keep_in_quarantine(tx, current_user.id, None, None, "unreadable", error.errors, digest, raw)


def _crew(crew: Crew) -> dict[str, Any]:
    return {
        "id": crew.id,
        "code": crew.code,
        "name": crew.name,
        "department": crew.department.name,
        "people": names_of_crew(db.session, crew.id),
        "skills": sorted(crew.skills),
        "other_skills": sorted(skills_of_department(db.session, crew.department_id) - set(crew.skills)),
    }


def _me(person: Person) -> dict[str, Any]:
    crew = person.crew
    return {
        "person": {"id": person.id, "name": person.name, "role": person.role},
        "crew": _crew(crew) if crew else None,
        "city": {"name": current_app.config["CITY_NAME"], "timezone": current_app.config["CITY_TIMEZONE"]},
        "asks": list(current_app.config["CLOSING_ASKS"]),
        "outcomes": [{"code": code.value, "needs": OUTCOME_NEEDS_DETAIL.get(code)} for code in ClosingOutcome],
    }
