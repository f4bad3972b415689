"""Open311 GeoReport v2, with mySociety's updates beside it: for other people's apps and programs.

Who may report is decided by the key that is sent, never by a cookie, so other sites may call it (see guards.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, request, stream_with_context, url_for
from werkzeug.datastructures import FileStorage, MultiDict

from crew_app.errors import BadInput, NotAllowed, NotFound, Problem
from crew_app.extensions import db
from crew_app.limits import count, whence
from crew_app.models import ApiKey, Case, Photo, PhotoKind
from crew_app.queries.open311 import knows_service, request_by_number, requests_asked_for, requests_by_id, updates_between
from crew_app.queries.public import (
    events_by_case,
    public_notes_by_case,
    public_photos,
    public_service,
    public_services,
)
from crew_app.services.api_keys import valid_api_key
from crew_app.services.open311 import take_request, take_update
from crew_app.services.open_data import batches_with_rows
from crew_app.services.report_photos import KeptPhoto, check_photo, keep_photo
from crew_app.transaction import system_clock, transaction
from crew_app.wire.addresses import photo_address
from crew_app.wire.open311 import (
    CONTENT_TYPES,
    UPDATE_EVENTS,
    definition_body,
    discovery_body,
    errors_body,
    extensions_body,
    received_body,
    render,
    request_body,
    service_body,
    stream_bulk,
    update_body,
)
from crew_app.wire.open311_asked import (
    MOST_ROWS,
    read_request_posted,
    read_requests_asked,
    read_update_posted,
    read_updates_span,
    wants_extensions,
)
from crew_app.wire.open_data_written import bulk_row
from crew_app.wire.times import city_zone

bp = Blueprint("open311", __name__)

FORMAT = "<any(xml,json):fmt>"
MOST_PHOTOS = 10
WRONG_KEYS_PER_MINUTE = 30


@bp.after_request
def let_others_read(response: Response) -> Response:
    """What anybody may read, any site may read; a status is true the same minute."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Link, X-Page, X-Page-Size, Retry-After"
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get(f"/discovery.{FORMAT}")
@bp.get(f"/v2/discovery.{FORMAT}", endpoint="discovery_beside")
def discovery(fmt: str) -> Response:
    config = current_app.config
    return _answer(fmt, "discovery", discovery_body(config["PUBLIC_URL"], config["CITY_NAME"], config["CITY_CONTACT"]))


@bp.get(f"/v2/services.{FORMAT}")
def services(fmt: str) -> Response:
    return _answer(fmt, "services", [service_body(service) for service in public_services(db.session)])


@bp.get(f"/v2/services/<path:code>.{FORMAT}")  # a code may hold any character, dots and slashes too
def definition(code: str, fmt: str) -> Response:
    service = public_service(db.session, code)
    if service is None:
        raise NotFound(f"service_code {code[:200]} was not found.")
    return _answer(fmt, "service_definition", definition_body(service))


@bp.get(f"/v2/requests.{FORMAT}")
def requests(fmt: str) -> Response:
    asked = read_requests_asked(request.args, city_zone(), system_clock())
    if asked.service_codes is not None and not knows_service(db.session, asked.service_codes):
        raise NotFound(f"service_code {asked.service_codes[0][:200]} was not found.")
    cases, has_more = requests_asked_for(
        db.session,
        numbers=asked.numbers,
        service_codes=asked.service_codes,
        is_closed=asked.is_closed,
        opened=asked.opened,
        updated=asked.updated,
        page=asked.page,
        page_size=asked.page_size,
    )
    response = _answer(fmt, "service_requests", _request_bodies(cases, asked.extensions))
    response.headers["X-Page"], response.headers["X-Page-Size"] = str(asked.page), str(asked.page_size)
    if has_more:
        more = request.args.to_dict() | {"page": asked.page + 1, "page_size": asked.page_size, "fmt": fmt}
        response.headers["Link"] = f'<{_address("open311.requests", **more)}>; rel="next"'
    return response


@bp.get(f"/v2/requests/<number>.{FORMAT}")
def request_alone(number: str, fmt: str) -> Response:
    case = request_by_number(db.session, number)
    if case is None:
        raise NotFound(f"service_request_id {number[:64]} was not found.")
    return _answer(fmt, "service_requests", _request_bodies([case], wants_extensions(request.args)))


@bp.get(f"/v2/tokens/<token>.{FORMAT}")
def token(token: str, fmt: str) -> Response:
    """This city gives a report its number at once, so the number is the only token there is."""
    case = request_by_number(db.session, token)
    if case is None:
        raise NotFound(f"token {token[:64]} was not found.")
    return _answer(fmt, "service_requests", [{"service_request_id": case.number, "token": case.number}])


@bp.post(f"/v2/requests.{FORMAT}")
def take(fmt: str) -> Response:
    key = _key("create_request")
    given = _given()
    code = given.get("service_code", "").strip()
    if not code:
        raise BadInput("Cannot be read.", errors={"service_code": ["service_code was not provided."]})
    service = public_service(db.session, code)
    if service is None:
        raise NotFound(f"service_code {code[:200]} was not found.")
    posted = read_request_posted(given, service, city_zone())
    photos = _keep_photos()
    with transaction() as tx:
        case = take_request(tx, key, service, posted, photos)
        body = received_body(case, tx.now)
    return _answer(fmt, "service_requests", [body])


@bp.get(f"/v2/servicerequestupdates.{FORMAT}")
def updates(fmt: str) -> Response:
    start, end = read_updates_span(request.args, city_zone(), system_clock())
    events = updates_between(db.session, UPDATE_EVENTS, start, end, MOST_ROWS)
    cases = requests_by_id(db.session, {event.case_id for event in events})
    photos = _best_first(public_photos(db.session, cases))
    notes = {note.id: note for noted in public_notes_by_case(db.session, cases).values() for note in noted}
    said = [
        update_body(
            event, cases[event.case_id], notes.get(event.body.get("note_id", 0)), _photo_urls(photos.get(event.case_id, ()))
        )
        for event in events
        if event.kind != "note_added" or event.body["note_id"] in notes
    ]
    return _answer(fmt, "service_request_updates", said)


@bp.post(f"/v2/servicerequestupdates.{FORMAT}")
def take_updates(fmt: str) -> Response:
    key = _key("create_update")
    posted = read_update_posted(_given(), city_zone())
    case = request_by_number(db.session, posted.number)
    if case is None:
        raise NotFound(f"service_request_id {posted.number[:64]} was not found.")
    case_id, photos = case.id, _keep_photos()
    with transaction() as tx:
        update_id = take_update(tx, key, case_id, posted, photos)
    return _answer(fmt, "service_request_updates", [{"update_id": update_id}])


@bp.get("/v2/bulk.<any(xml,json,csv):fmt>")
def bulk(fmt: str) -> Response:
    """GeoReport Bulk: every request there ever was, or with `updated_after` what changed since; streamed."""
    since = read_requests_asked(request.args, city_zone(), system_clock()).updated[0]
    rows = (
        bulk_row(row, case)
        for batch in batches_with_rows(db.session, system_clock(), since)
        for row, case in zip(*batch, strict=True)
    )
    content_type = CONTENT_TYPES.get(fmt, "text/csv; charset=utf-8")
    return Response(stream_with_context(stream_bulk(rows, fmt)), content_type=content_type)


def open311_problem(problem: Problem) -> Response:
    """Any refusal below /open311, in the specification's shape: 404 and 403 as they are, else 400, and what HTTP itself says."""
    fmt = "json" if request.path.endswith(".json") else "xml"
    status = problem.status if problem.status in (403, 404, 405, 413, 429) or problem.status >= 500 else 400
    said = [f"{name}: {word}" for name, words in problem.errors.items() for word in words] or [problem.detail]
    response = _answer(fmt, "errors", errors_body(status, said))
    response.status_code = status
    return let_others_read(response)


def _answer(fmt: str, root: str, said: Any) -> Response:
    return Response(render(root, said, fmt), content_type=CONTENT_TYPES[fmt])


def _address(endpoint: str, **values: Any) -> str:
    return current_app.config["PUBLIC_URL"] + url_for(endpoint, _external=False, **values)


def _given() -> MultiDict[str, str]:
    """The form, and what stands in the address beside it."""
    given = MultiDict(request.args)
    given.update(request.form)
    return given


def _key(what: str) -> ApiKey:
    words = _given().get("api_key", "").strip()
    key = valid_api_key(db.session, words) if words else None
    if key is None:
        address, _ = whence(request.remote_addr)
        count(f"wrong key {address}", WRONG_KEYS_PER_MINUTE)
        wrong = "Invalid api_key received" if words else "No api_key received"
        raise NotAllowed(f"{wrong} -- can't proceed with {what}.")
    count(f"key {key.id}", key.per_minute)
    return key


def _keep_photos() -> list[KeptPhoto]:
    """Pictures sent along, under whatever name: media[], media, file, photo1. Checked all, then kept all."""
    files: list[FileStorage] = [file for _, file in request.files.items(multi=True) if file.filename]
    if len(files) > MOST_PHOTOS:
        raise BadInput("Cannot be kept.", errors={"media": [f"At most {MOST_PHOTOS} pictures."]})
    for file in files:
        try:
            check_photo(file.stream)
        except BadInput as problem:
            raise BadInput(problem.detail, errors={file.name or "media": problem.errors["photo"]}) from None
    return [keep_photo(file.stream) for file in files]


def _request_bodies(cases: Sequence[Case], extensions: bool) -> list[dict[str, Any]]:
    ids = [case.id for case in cases]
    photos = _best_first(public_photos(db.session, ids))
    bodies = {case.id: request_body(case, _photo_urls(photos.get(case.id, ()))) for case in cases}
    if extensions:
        events, notes = events_by_case(db.session, ids), public_notes_by_case(db.session, ids)
        parents = requests_by_id(db.session, {_parent_id(case) for case in cases})
        for case in cases:
            shown, parent = photos.get(case.id, []), parents.get(_parent_id(case))
            bodies[case.id] |= extensions_body(
                case, shown, _photo_urls(shown), events.get(case.id, []), notes.get(case.id, []), parent.number if parent else None
            )
    return list(bodies.values())


def _parent_id(case: Case) -> int:
    return case.merged_into_id or case.parent_id or 0


def _best_first(photos: dict[int, list[Photo]]) -> dict[int, list[Photo]]:
    """The finished work first: many readers show one picture only."""
    return {case_id: sorted(shown, key=lambda photo: photo.kind != PhotoKind.AFTER) for case_id, shown in photos.items()}


def _photo_urls(photos: Sequence[Photo]) -> list[str]:
    return [photo_address(current_app.config["PUBLIC_URL"], photo) for photo in photos]
