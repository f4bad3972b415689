"""The live picture: whole, what has changed since a number, and a stream of it. Read only, for the office.

**Nothing is skipped.** The number is the event log's. Events get theirs in the order in which transactions commit
(crew_app/transaction.py), and each answer reads the newest number first and the rows after it, as the phones' pull does
(docs/sync-protocol.md): what is committed in between is in the answer already and comes again with the next one. What no
event tells (a shift ends, a crew falls silent, a position) is looked at every CREWS_EVERY_S and goes by a tag of its own.

**A stream holds a thread, and phones need threads.** So there are at most LIVE_STREAMS streams in a web process, of its
WEB_THREADS; one more is answered 503 with Retry-After, and that desk asks `changes` every few seconds instead: the same
news a little later. A stream ends by itself after STREAM_S and the browser comes back with its Last-Event-ID, so a person
who was signed off is out within a minute, and no process keeps all the desks. It ends at once when its process is told to
stop (gunicorn.conf.py). However many desks are open, a process asks the database once every LOOK_EVERY_S: the news after
a number is the same for everybody who may see all cases.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from flask_login import current_user

from crew_app.errors import BadInput, Busy, NotFound
from crew_app.extensions import db
from crew_app.guards import THE_CITY, Action, can
from crew_app.mapping import FRESH_POSITION
from crew_app.models import ASKED_FOR, Case
from crew_app.queries.cases import open_assignment, photos_of
from crew_app.queries.feed import life_and_newest
from crew_app.queries.moves import deeds_waiting
from crew_app.queries.picture import (
    active_crews,
    cases_among,
    cases_in_picture,
    changed_case_ids,
    districts_with_boundary,
    lists_in_hand,
    names_in_picture,
    photos_still_on_phones,
    quarantined_count,
    running_shifts,
)
from crew_app.queries.review import open_doubts
from crew_app.routes.phone import JsonAnswer
from crew_app.service_level import AT_RISK_WITHIN
from crew_app.services.planning import crews_ready
from crew_app.transaction import system_clock
from crew_app.wire.outlines import outlines_body
from crew_app.wire.picture import case_detail, cases_in_columns, crews_body, seconds, tag_of

bp = Blueprint("live", __name__)

# More than so many changed cases, and the whole picture is the shorter answer.
MOST_CHANGED = 2000
LOOK_EVERY_S = 0.5
CREWS_EVERY_S = 5.0
BEAT_EVERY_S = 10.0
STREAM_S = 60.0
COME_BACK_MS = 500


class Lookout:
    """What a web process knows of the city for all its desks: looked up once, however many ask at the same moment."""

    def __init__(self, streams: int) -> None:
        self.streams = threading.BoundedSemaphore(streams)
        self._lock = threading.Lock()
        self._news: dict[tuple[int, str], tuple[float, dict[str, Any]]] = {}
        self._crews: tuple[float, dict[str, Any]] | None = None

    def news(self, after: int, tag: str) -> dict[str, Any]:
        """What changed since a number; of the crews, what is not of this tag. At most LOOK_EVERY_S old."""
        with self._lock:
            now = time.monotonic()
            self._news = {key: kept for key, kept in self._news.items() if now - kept[0] < LOOK_EVERY_S * 0.8}
            if (after, tag) not in self._news:
                self._news[after, tag] = (now, self._look(after, tag))
            return self._news[after, tag][1]

    def crews(self) -> dict[str, Any]:
        with self._lock:
            return self._look_at_crews()

    def _look(self, after: int, tag: str) -> dict[str, Any]:
        epoch, newest = life_and_newest(db.session)
        crews = self._look_at_crews()
        news: dict[str, Any] = {"v": 1, "epoch": epoch, "seq": newest, "now": seconds(system_clock()), "reset": after > newest}
        ids = [] if after >= newest else changed_case_ids(db.session, after, newest, MOST_CHANGED + 1)
        if len(ids) > MOST_CHANGED:
            news["reset"] = True
        elif ids:
            rows = cases_among(db.session, ids)
            news["cases"] = cases_in_columns(rows)
            news["gone"] = sorted(set(ids) - {row.id for row in rows})
        if crews["tag"] != tag:
            news["crews"] = crews
        return news

    def _look_at_crews(self) -> dict[str, Any]:
        if self._crews is None or time.monotonic() - self._crews[0] >= CREWS_EVERY_S:
            self._crews = (time.monotonic(), _crews_now())
        return self._crews[1]


def _crews_now() -> dict[str, Any]:
    """Every crew as it is now, and what else no event tells; with a tag that says when it is another."""
    now = system_clock()
    out_of_contact = {crew.id for crew in crews_ready(db.session, now) if not crew.in_contact}
    state = {
        "all": crews_body(
            active_crews(db.session),
            running_shifts(db.session, now),
            out_of_contact,
            lists_in_hand(db.session),
            photos_still_on_phones(db.session),
        ),
        "quarantined": quarantined_count(db.session),
        "doubts": open_doubts(db.session),
        "asked": deeds_waiting(db.session, now - ASKED_FOR),
    }
    return {"tag": tag_of(state), **state}


@bp.record
def keep_lookout(state: BlueprintSetupState) -> None:
    state.app.extensions["lookout"] = Lookout(state.app.config["LIVE_STREAMS"])


@bp.after_request
def forbid_keeping(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def lookout() -> Lookout:
    kept: Lookout = current_app.extensions["lookout"]
    return kept


@bp.get("/picture")
def picture() -> Response:
    """The whole of it, to begin with: the number first, then the rows."""
    epoch, newest = life_and_newest(db.session)
    services, departments, districts = names_in_picture(db.session)
    return JsonAnswer(
        {
            "v": 1,
            "epoch": epoch,
            "seq": newest,
            "now": seconds(system_clock()),
            "city": {"name": current_app.config["CITY_NAME"], "timezone": current_app.config["CITY_TIMEZONE"]},
            "at_risk_s": int(AT_RISK_WITHIN.total_seconds()),
            "fresh_s": int(FRESH_POSITION.total_seconds()),
            "may_move": can(current_user, Action.MOVE_WORK),
            "may_surge": can(current_user, Action.MOVE_WORK, THE_CITY),
            "you": {"id": current_user.id, "name": current_user.name, "role": current_user.role},
            "services": [{"id": row.id, "name": row.name} for row in services],
            "departments": [{"id": row.id, "name": row.name} for row in departments],
            "districts": [{"id": row.id, "code": row.code, "name": row.name} for row in districts],
            "cases": cases_in_columns(cases_in_picture(db.session)),
            "crews": lookout().crews(),
        }
    )


@bp.get("/outlines")
def outlines() -> Response:
    """The districts, for the map beside the picture."""
    return JsonAnswer(outlines_body(districts_with_boundary(db.session)))


@bp.get("/changes")
def changes() -> Response:
    """What changed after a number, for a desk without a stream. `crews`: the tag of those it has."""
    return JsonAnswer(lookout().news(_number(request.args.get("after", "")), request.args.get("crews", "")))


@bp.get("/stream")
def stream() -> Response:
    """The same as server-sent events, each with its number as `id`; 503 where all streams are taken."""
    after = _number(request.headers.get("Last-Event-ID") or request.args.get("after", ""))
    tag = request.args.get("crews", "")
    slots = lookout().streams
    if not slots.acquire(blocking=False):
        raise Busy("All live streams are taken. Ask for changes instead.", code="no-stream")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    response = Response(_frames(app, after, tag), mimetype="text/event-stream")
    response.call_on_close(slots.release)  # also where the reader left before the first frame
    response.headers["X-Accel-Buffering"] = "no"  # nginx would collect frames for a page full of them
    return response


@bp.get("/cases/<int:case_id>")
def case(case_id: int) -> Response:
    """What the desk shows of one chosen case."""
    found = db.session.get(Case, case_id)
    if found is None:
        raise NotFound("There is no such case.")
    return JsonAnswer(case_detail(found, open_assignment(found), photos_of(db.session, [found.id])))


def _frames(app: Flask, after: int, tag: str) -> Iterator[str]:
    """News as it comes, a beat where there is none. Each look has an app context of its own: no connection is held between."""
    is_stopping: Callable[[], bool] = app.extensions.get("is_stopping", lambda: False)
    began = said = time.monotonic()
    yield f"retry: {COME_BACK_MS}\n\n"
    while time.monotonic() - began < STREAM_S and not is_stopping():
        with app.app_context():
            news = lookout().news(after, tag)
        if news["seq"] != after or news["reset"] or "crews" in news:
            yield f"id: {news['seq']}\nevent: news\ndata: {json.dumps(news, separators=(',', ':'))}\n\n"
            said = time.monotonic()
            after, tag = news["seq"], news["crews"]["tag"] if "crews" in news else tag
        elif time.monotonic() - said >= BEAT_EVERY_S:
            yield f"event: beat\ndata: {seconds(system_clock())}\n\n"
            said = time.monotonic()
        time.sleep(LOOK_EVERY_S)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadInput("This is no number of an event.", errors={"after": ["not a number of an event"]})
    return int(text)
