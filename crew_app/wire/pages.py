"""How cases, times and events are said on the pages the server renders: one table for each, one word for one thing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from shapely.geometry import shape
from shapely.geometry.polygon import Polygon

from crew_app.errors import Problem
from crew_app.models import Assignment, Case, Closure, Crew, EventRow, Note, Person
from crew_app.service_level import AT_RISK_WITHIN
from crew_app.wire.explanations import metres_in_words
from crew_app.workflow import OPEN_STATUSES, Status

# ---- words ----------------------------------------------------------------------------------------------------------

STATUS_WORDS = {
    Status.RECEIVED: "Received",
    Status.ASSIGNED: "Assigned",
    Status.EN_ROUTE: "On the way",
    Status.ON_SITE: "On site",
    Status.CLOSED: "Closed",
    Status.REOPENED: "Reopened",
    Status.WITHDRAWN: "Withdrawn",
}
# The same, as somebody says it who does not work for the city.
PUBLIC_STATUS_WORDS = {
    Status.RECEIVED: "Received",
    Status.ASSIGNED: "Sent to a crew",
    Status.EN_ROUTE: "Crew on its way",
    Status.ON_SITE: "Crew is there",
    Status.CLOSED: "Done",
    Status.REOPENED: "Opened again",
    Status.WITHDRAWN: "Withdrawn",
}
OUTCOME_WORDS = {
    "fixed": "Fixed",
    "made_safe": "Made safe",
    "not_found": "Not found",
    "no_access": "No access",
    "not_ours": "Not ours",
    "duplicate": "Duplicate",
    "scheduled": "Scheduled",
}
PUBLIC_OUTCOME_WORDS = {
    "fixed": "It is fixed.",
    "made_safe": "It is made safe for now. The lasting repair comes later.",
    "not_found": "The crew looked and could not find it.",
    "no_access": "The crew could not get to it.",
    "not_ours": "The city may not mend this itself. It belongs to: {detail}.",
    "duplicate": "It was reported before, as case {detail}. Follow that one.",
    "scheduled": "The work is planned for {detail}.",
}
REVIEW_WORDS = {
    "office_moved": "The office moved this case while the crew was working on it.",
    "not_theirs": "A crew closed it that never had it.",
    "closed_twice": "It was closed twice, and the two say different things.",
}
QUARANTINE_WORDS = {
    "unreadable": "We could not read it, or not apply it.",
    "out_of_order": "Work that came before it is missing.",
    "id_reused": "It carries the id of other work that is already here.",
    "seq_reused": "It carries a number that other work from this phone has used.",
    "unknown_case": "It is about a case that does not exist here.",
    "device_revoked": "It came from a phone the office has signed off.",
}
ROLE_WORDS = {
    "crew": "Crew",
    "call_taker": "Call taker",
    "dispatcher": "Dispatcher",
    "supervisor": "Supervisor",
    "admin": "Administrator",
}
HTTP_WORDS = {
    404: ("There is nothing at this address", "The address may be mistyped, or what was here is gone."),
    405: ("This cannot be done here", "This address does not take that kind of request. Go back and use the page's own buttons."),
    413: ("This is too large", "A report with its photo may have 20 MB. Choose a smaller photo, or send it without one."),
    500: ("This did not work", "The fault is ours, and it is written down. What was saved before is safe. Please try again."),
}


def status_words(code: str) -> str:
    return STATUS_WORDS.get(Status(code), code) if code in list(Status) else code


def public_status_words(code: str) -> str:
    return PUBLIC_STATUS_WORDS[Status(code)]


def outcome_words(code: str | None) -> str:
    return OUTCOME_WORDS.get(code or "", code or "")


def closing_words(outcome: str | None, detail: str | None) -> str:
    """E.g. "Not ours: Water and Sewer"."""
    words = outcome_words(outcome)
    return f"{words}: {day_words(detail) if outcome == 'scheduled' else detail}" if detail else words


def public_outcome(outcome: str | None, detail: str | None) -> str:
    if outcome is None:
        return "It is closed."
    detail = day_words(detail or "") if outcome == "scheduled" else without_contacts(detail or "")
    return PUBLIC_OUTCOME_WORDS.get(outcome, "It is closed.").format(detail=detail.rstrip(".") or "somebody else")


def day_words(iso_day: str) -> str:
    """ "2026-11-30" as people say it; anything else as it is."""
    try:
        day = date.fromisoformat(iso_day)
    except ValueError:
        return iso_day
    return f"{day:%A, %B} {day.day}, {day.year}"


# ---- words of residents and crews, safe to publish -------------------------------------------------------------------

CONTACTS = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+"  # mail
    r"|\b\d{3}-\d{2}-\d{4}\b"  # social security
    r"|(?<![\w.-])(?:\+\d{1,3}[\s.-]?|1[\s.-])?(?:\(\d{2,4}\)|\d{3})[\s.-]?\d{3}[\s.-]?\d{4}(?![\w-])"  # telephone
)


def without_contacts(text: str | None) -> str:
    """What somebody wrote, with addresses and numbers that could name a person blotted out."""
    return CONTACTS.sub("[hidden]", text or "")


# ---- times -----------------------------------------------------------------------------------------------------------


def in_city(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(current_app.config["CITY_TIMEZONE"]))


def local_time(moment: datetime | None) -> str:
    """E.g. "Tue 3 Nov 2026, 14:00", in the city's time."""
    return f"{in_city(moment):%a %-d %b %Y, %H:%M}" if moment else ""


def plain_time(moment: datetime | None, now: datetime) -> str:
    """As people say it: "today 14:00", "Tuesday 14:00", "3 November 14:00"; the year only if it is another."""
    if moment is None:
        return ""
    then, today = in_city(moment), in_city(now)
    days = (then.date() - today.date()).days
    if abs(days) <= 1:
        day = ("yesterday", "today", "tomorrow")[days + 1]
    elif abs(days) < 6:
        day = f"{then:%A}"
    else:
        day = f"{then:%-d %B}" if then.year == today.year else f"{then:%-d %B %Y}"
    return f"{day} {then:%H:%M}"


def span_words(span: timedelta) -> str:
    minutes = abs(round(span.total_seconds() / 60))
    if minutes < 60:
        return f"{max(1, minutes)} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} d"


def ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    return "just now" if now - moment < timedelta(minutes=1) else f"{span_words(now - moment)} ago"


def due_words(case: Case, now: datetime) -> str:
    """ "late by 2 d", "in 3 h"; of a closed case, whether the promise was kept."""
    if case.status == Status.WITHDRAWN:
        return ""
    if case.due_at is None:
        return "no date"
    if case.status == Status.CLOSED:
        return "on time" if case.was_on_time(now) else f"{span_words((case.closed_at or now) - case.due_at)} late"
    return f"late by {span_words(now - case.due_at)}" if case.due_at < now else f"in {span_words(case.due_at - now)}"


def is_late(case: Case, now: datetime) -> bool:
    return case.status in OPEN_STATUSES and case.due_at is not None and case.due_at < now


def is_at_risk(case: Case, now: datetime) -> bool:
    return case.status in OPEN_STATUSES and case.due_at is not None and now <= case.due_at < now + AT_RISK_WITHIN


# ---- the history of a case -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a case's history."""

    at: datetime
    icon: str
    title: str
    who: str = ""
    text: str = ""
    why: str = ""
    closure: Closure | None = None
    is_public_note: bool = False


# Made for machines; a reader learns nothing from them.
UNSAID = ("photo_rendered",)
TELLS_A_CLOSING = ("case_closed", "closure_added", "closure_needs_review")


def history(
    events: Sequence[EventRow],
    notes: Sequence[Note],
    closures: Sequence[Closure],
    people: Mapping[int, Person],
    crews: Mapping[int, Crew],
) -> list[Entry]:
    """Events, notes and closings in the order in which the city learned of them; nothing is told twice."""
    notes_left = {note.id: note for note in notes}
    closures_left = {closure.id: closure for closure in closures}
    received_at = {closure.id: closure.received_at for closure in closures}
    photos_said: set[str] = set()
    entries = []
    for event in events:
        if event.kind in UNSAID or (event.kind == "photo_verified" and closures):
            continue
        if event.kind == "photos_complete":  # news only if the photos came after their closing, and only once
            closure_id = event.body["closure_id"]
            if closure_id in photos_said or event.at <= received_at.get(closure_id, event.at):
                continue
            photos_said.add(closure_id)
        person = people.get(event.person_id or 0)
        who = person.name if person else ""
        note = notes_left.pop(event.body.get("note_id", 0), None)
        closure = closures_left.pop(event.body.get("closure_id", ""), None) if event.kind in TELLS_A_CLOSING else None
        entries.append(_entry(event, who, note, closure, crews))
    entries += [
        Entry(at=note.written_at, icon="note", title="Note", who=note.person.name if note.person else "", text=note.text)
        for note in notes_left.values()
    ]
    entries += [
        Entry(at=c.received_at, icon="closed", title=f"{c.crew.code} closed it", who=c.person.name, closure=c)
        for c in closures_left.values()
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _entry(event: EventRow, who: str, note: Note | None, closure: Closure | None, crews: Mapping[int, Crew]) -> Entry:
    body = event.body

    def crew(key: str) -> str:
        found = crews.get(body.get(key, 0))
        return found.code if found else "a crew"

    said: dict[str, tuple[str, Callable[[], str]]] = {
        "case_opened": ("received", lambda: f"Reported through {body['source']}"),
        "case_imported": ("received", lambda: "Imported" if body["is_new"] else "Imported again, with news"),
        "case_assigned": (
            "assigned",
            lambda: (
                f"Moved from {crew('from_crew_id')} to {crew('crew_id')}"
                if body.get("from_crew_id")
                else f"Given to {crew('crew_id')}"
            ),
        ),
        "case_accepted": ("assigned", lambda: f"{crew('crew_id')} has read it"),
        "case_unassigned": (
            "received",
            lambda: (
                f"{crew('from_crew_id')} handed it back; it waits again"
                if body.get("by_crew")
                else f"Taken back from {crew('from_crew_id')}; it waits again"
            ),
        ),
        "case_progressed": (
            str(body.get("status", "en_route")),
            lambda: f"{crew('crew_id')} arrived" if body["status"] == "on_site" else f"{crew('crew_id')} set out",
        ),
        "case_closed": (
            "closed",
            lambda: f"Closed by {crew('crew_id') if body.get('crew_id') else 'the office'}: {outcome_words(body['outcome'])}",
        ),
        "closure_added": ("closed", lambda: f"{crew('crew_id')} closed it, too"),
        "closure_needs_review": ("review", lambda: f"{crew('crew_id')} closed it, but somebody must look"),
        "closure_settled": ("review", lambda: "The closing was accepted" if body["accepted"] else "The closing was dismissed"),
        "case_reopened": ("reopened", lambda: "Reopened"),
        "case_withdrawn": ("withdrawn", lambda: "Withdrawn"),
        "note_added": ("note", lambda: "Public note" if body["is_public"] else "Note"),
        "photo_verified": ("photo", lambda: "A photo arrived"),
        "photos_complete": ("photo", lambda: "All photos of the closing are here"),
        "case_placed": ("pin", lambda: "The place was set"),
    }
    icon, title = said.get(event.kind, ("received", lambda: event.kind.replace("_", " ").capitalize()))
    return Entry(
        at=event.at,
        icon=icon,
        title=title(),
        who=who or ("Dispatch" if event.kind == "case_assigned" else ""),
        text=note.text if note else "",
        why=(REVIEW_WORDS.get(body.get("reason", ""), "") or str(body.get("why") or "")),
        closure=closure,
        is_public_note=bool(note and note.is_public),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the story a resident reads."""

    at: datetime
    icon: str
    title: str
    text: str = ""


def public_story(case: Case, events: Sequence[EventRow], notes: Sequence[Note]) -> list[Step]:
    """Reported, sent, on its way, done; what the office does among its crews is left out."""
    public_notes = {note.id: note for note in notes if note.is_public}
    steps = [Step(at=case.opened_at, icon="received", title="Reported")]
    last_close = max((e.seq for e in events if e.kind == "case_closed"), default=None)
    for event in events:
        step = None
        if event.kind == "case_assigned":
            step = Step(at=event.at, icon="assigned", title="Sent to a crew")
        elif event.kind == "case_unassigned":
            step = Step(at=event.at, icon="received", title="Waiting for another crew")
        elif event.kind == "case_progressed" and event.body["status"] == "en_route":
            step = Step(at=event.at, icon="en_route", title="Crew on its way")
        elif event.kind == "case_progressed" and event.body["status"] == "on_site":
            step = Step(at=event.at, icon="on_site", title="Crew arrived")
        elif event.kind == "case_closed" and not (case.status == Status.CLOSED and event.seq == last_close):
            step = Step(at=event.at, icon="closed", title="Closed")
        elif event.kind == "case_reopened":
            step = Step(at=event.at, icon="reopened", title="Opened again")
        elif event.kind == "case_withdrawn":
            step = Step(at=event.at, icon="withdrawn", title="Withdrawn")
        elif event.kind == "note_added" and (note := public_notes.get(event.body["note_id"])):
            step = Step(at=event.at, icon="note", title="The city says", text=without_contacts(note.text))
        if step and (step.text or step.title != steps[-1].title):
            steps.append(step)
    if case.status == Status.CLOSED:
        title = public_outcome(case.outcome, case.outcome_detail)
        steps.append(
            Step(at=case.closed_at or case.updated_at, icon="closed", title=title, text=without_contacts(case.closing_note))
        )
    return steps


def what_happens_next(case: Case, now: datetime) -> str:
    """The one sentence a resident came for."""
    if case.status == Status.CLOSED:
        return ""
    if case.status == Status.WITHDRAWN:
        return "This report was withdrawn. Nothing more will be done."
    by = ""
    if case.due_at is not None:
        by = (
            f" We expected to be done by {plain_time(case.due_at, now)}. It takes longer; we are sorry."
            if case.due_at < now
            else (f" We expect it to be done by {plain_time(case.due_at, now)}.")
        )
    next_step = {
        Status.ASSIGNED: "A crew has it on its list and will come.",
        Status.EN_ROUTE: "A crew is on its way now.",
        Status.ON_SITE: "A crew is there now.",
    }.get(Status(case.status), "Next, we send it to the nearest crew that can do it.")
    return next_step + by


# ---- why, in full ----------------------------------------------------------------------------------------------------


def runner_up_words(assignment: Assignment) -> str:
    """Who would have been next, and among how many."""
    explanation = assignment.explanation
    next_best, considered = explanation.get("runner_up"), explanation.get("considered")
    words = f"Next would have been {next_best['crew']}, {metres_in_words(next_best['metres'])}." if next_best else ""
    return f"{words} {considered} crews were looked at.".strip() if considered and considered > 1 else words


def answers_in_words(case: Case) -> list[tuple[str, str]]:
    """(question, answer) of what the service asked; of a list, the names of what was chosen."""
    said = []
    for question in case.service.questions:
        answer = case.answers.get(question["code"])
        if answer is not None:
            names = {str(value["key"]): value["name"] for value in question.get("values", [])}
            chosen = answer if isinstance(answer, list) else [answer]
            said.append((question.get("description") or question["code"], ", ".join(str(names.get(str(a), a)) for a in chosen)))
    return said


# ---- a sketch of the place -------------------------------------------------------------------------------------------

SKETCH_WIDTH, SKETCH_HEIGHT, SKETCH_EDGE = 320.0, 180.0, 12.0


@dataclass(frozen=True, slots=True)
class Sketch:
    """A district's outline and a point in it, in the units of a 320 x 180 picture. North is up."""

    outline: str
    x: float
    y: float


def sketch_place(boundary: dict[str, Any], latitude: float, longitude: float) -> Sketch | None:
    """None if there is nothing to draw."""
    district = shape(boundary)
    if district.is_empty or not district.area:
        return None
    west, south, east, north = district.bounds
    west, east = min(west, longitude), max(east, longitude)
    south, north = min(south, latitude), max(north, latitude)
    squeeze = math.cos(math.radians((south + north) / 2))  # a degree of longitude in degrees of latitude
    scale = min((SKETCH_WIDTH - 2 * SKETCH_EDGE) / ((east - west) * squeeze), (SKETCH_HEIGHT - 2 * SKETCH_EDGE) / (north - south))
    left = (SKETCH_WIDTH - (east - west) * squeeze * scale) / 2
    top = (SKETCH_HEIGHT - (north - south) * scale) / 2

    def at(lon: float, lat: float) -> tuple[float, float]:
        return round(left + (lon - west) * squeeze * scale, 1), round(top + (north - lat) * scale, 1)

    def path(ring: Iterable[tuple[float, ...]]) -> str:
        return "M" + "L".join(f"{x:g},{y:g}" for x, y in (at(point[0], point[1]) for point in ring)) + "Z"

    simple = district.simplify(1.0 / scale)
    polygons: list[Polygon] = [part for part in getattr(simple, "geoms", [simple]) if isinstance(part, Polygon)]
    return Sketch("".join(path(part.exterior.coords) for part in polygons), *at(longitude, latitude))


# ---- pages without a database ----------------------------------------------------------------------------------------


def problem_page(problem: Problem) -> str:
    """Rendered past the context processors: they would ask the database who this is, and it may be the one that is away."""
    title, detail = problem.title, problem.detail
    if type(problem) is Problem and problem.status in HTTP_WORDS:  # Werkzeug's refusals speak to programmers
        title, detail = HTTP_WORDS[problem.status]
    template = current_app.jinja_env.get_template("problem.html")
    return template.render(title=title, detail=detail, problem=problem)


def flat_errors(errors: Any, path: str = "") -> list[tuple[str, str]]:
    """(where, what is wrong) of errors nested as marshmallow nests them."""
    if isinstance(errors, Mapping):
        return [pair for key, inner in errors.items() for pair in flat_errors(inner, f"{path}.{key}" if path else str(key))]
    words = " ".join(map(str, errors)) if isinstance(errors, list) else str(errors)
    return [(path, words)]


def pretty_json(raw: str) -> str:
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except ValueError:
        return raw


PAGE_FILTERS: dict[str, Callable[..., Any]] = {
    "ago": ago,
    "answers_in_words": answers_in_words,
    "closing_words": closing_words,
    "due_words": due_words,
    "flat_errors": flat_errors,
    "is_at_risk": is_at_risk,
    "is_late": is_late,
    "local_time": local_time,
    "outcome_words": outcome_words,
    "plain_time": plain_time,
    "pretty_json": pretty_json,
    "public_status_words": public_status_words,
    "quarantine_words": lambda code: QUARANTINE_WORDS.get(code, "It was kept but not applied."),
    "review_words": lambda code: REVIEW_WORDS.get(code, "Somebody must look at it."),
    "role_words": lambda code: ROLE_WORDS.get(code, code),
    "runner_up_words": runner_up_words,
    "span_words": span_words,
    "status_words": status_words,
    "without_contacts": without_contacts,
}
