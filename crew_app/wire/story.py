"""The history of a case in words: whole for the office, short for residents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crew_app.languages import mark, t
from crew_app.models import Assignment, Case, Closure, Crew, EventRow, Note, Person
from crew_app.wire.explanations import metres_in_words
from crew_app.wire.times import plain_time
from crew_app.wire.words import REVIEW_WORDS, SUSPICION_DECIDED, outcome_words, public_outcome, without_contacts
from crew_app.workflow import Status


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
UNSAID = ("photo_rendered", "jobs_reordered")
PHOTO_DEEDS = {
    "hide": "A photo was hidden",
    "show": "A photo is shown again",
    "redact": "A part of a photo was blurred",
    "restore": "A photo is shown whole again",
    "publish": "A resident’s photo was shown to everybody",
    "withhold": "A resident’s photo is for the city only again",
}
NO_NUMBERS: Mapping[int, str] = {}
TELLS_A_CLOSING = ("case_closed", "closure_added", "closure_needs_review")


def history(
    events: Sequence[EventRow],
    notes: Sequence[Note],
    closures: Sequence[Closure],
    people: Mapping[int, Person],
    crews: Mapping[int, Crew],
    numbers: Mapping[int, str] = NO_NUMBERS,
) -> list[Entry]:
    """Events, notes and closings in the order in which the city learned of them; nothing is told twice.

    `numbers`: of the other cases that events name.
    """
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
        if second := people.get(event.body.get("approved_by_id", 0)):
            who = f"{who}, with the yes of {second.name}"
        note = notes_left.pop(event.body.get("note_id", 0), None)
        closure = closures_left.pop(event.body.get("closure_id", ""), None) if event.kind in TELLS_A_CLOSING else None
        entries.append(_entry(event, who, note, closure, crews, numbers))
    entries += [
        Entry(at=note.written_at, icon="note", title="Note", who=note.person.name if note.person else "", text=note.text)
        for note in notes_left.values()
    ]
    entries += [
        Entry(at=c.received_at, icon="closed", title=f"{c.crew.code} closed it", who=c.person.name, closure=c)
        for c in closures_left.values()
    ]
    return sorted(entries, key=lambda entry: entry.at)


def event_words(event: EventRow, crews: Mapping[int, Crew], numbers: Mapping[int, str] = NO_NUMBERS) -> str:
    """What happened, in a few words."""
    return _entry(event, "", None, None, crews, numbers).title


def _entry(
    event: EventRow,
    who: str,
    note: Note | None,
    closure: Closure | None,
    crews: Mapping[int, Crew],
    numbers: Mapping[int, str],
) -> Entry:
    body = event.body

    def crew(key: str) -> str:
        found = crews.get(body.get(key, 0))
        return found.code if found else "a crew"

    def number(key: str) -> str:
        return numbers.get(body.get(key, 0), "another case")

    said: dict[str, tuple[str, Callable[[], str]]] = {
        "case_opened": ("received", lambda: f"Reported through {body['source']}"),
        "case_imported": ("received", lambda: "Imported" if body["is_new"] else "Imported again, with news"),
        "case_routed": (
            "next",
            lambda: (
                f"Sent to {crew('crew_id')} by a rule of the city"
                if body.get("crew_id")
                else f"Held for the office by a rule of the city: {body['queue']}"
                if body.get("queue")
                else "Its department was chosen by a rule of the city"
            ),
        ),
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
            lambda: f"Closed {_closed_by(body, crew, number)}: {outcome_words(body['outcome'])}",
        ),
        "closure_added": ("closed", lambda: f"{crew('crew_id')} closed it, too"),
        "closure_needs_review": ("review", lambda: f"{crew('crew_id')} closed it, but somebody must look"),
        "closure_settled": ("review", lambda: "The closing was accepted" if body["accepted"] else "The closing was dismissed"),
        "suspicion_raised": ("review", lambda: "Something looks odd: somebody must look"),
        "suspicion_settled": ("review", lambda: SUSPICION_DECIDED.get(str(body["decision"]), "Somebody looked at it")),
        "case_reopened": ("reopened", lambda: "Reopened"),
        "case_withdrawn": ("withdrawn", lambda: "Withdrawn"),
        "case_merged": (
            "merged",
            lambda: (
                f"Merged into {number('into_case_id')}"
                + (f", out of the hands of {crew('from_crew_id')}" if body.get("from_crew_id") else "")
            ),
        ),
        "case_split": ("merged", lambda: f"Split off from {number('from_case_id')}"),
        "duplicate_joined": ("merged", lambda: f"{number('other_case_id')} was merged into this case"),
        "duplicate_parted": ("merged", lambda: f"{number('other_case_id')} was split off"),
        "note_added": ("note", lambda: "Public note" if body["is_public"] else "Note"),
        "photo_verified": ("photo", lambda: "A photo arrived"),
        "follow_up_opened": ("next", lambda: f"A follow-up was opened: {number('other_case_id')}"),
        "photo_moderated": ("photo", lambda: PHOTO_DEEDS.get(str(body["deed"]), "Something was done about a photo")),
        "photos_complete": ("photo", lambda: "All photos of the closing are here"),
        "case_placed": ("pin", lambda: "The place was set"),
        "case_marked_urgent": ("alert", lambda: "Marked urgent" if body["is_urgent"] else "Not urgent any more"),
        "case_held": (
            "late",
            lambda: f"Locked in its place on the round of {crew('crew_id')}" if body.get("crew_id") else "Held back from dispatch",
        ),
        "case_released": (
            "received",
            lambda: (
                f"Not locked any more on the round of {crew('crew_id')}"
                if body.get("crew_id")
                else "Released: it waits for a crew again"
            ),
        ),
        "case_pinned": (
            "pin",
            lambda: f"Only {crew('crew_id')} is to do it" if body.get("crew_id") else "Dispatch decides again which crew does it",
        ),
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


def _closed_by(body: Mapping[str, object], crew: Callable[[str], str], number: Callable[[str], str]) -> str:
    if body.get("with_case_id"):
        return f"with {number('with_case_id')}"
    return f"by {crew('crew_id')}" if body.get("crew_id") else "by the office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the story a resident reads."""

    at: datetime
    icon: str
    title: str
    text: str = ""


NEXT_STEP = mark("Next, we send it to the nearest crew that can do it.")
NEXT_STEPS = {
    Status.ASSIGNED: mark("A crew has it on its list and will come."),
    Status.EN_ROUTE: mark("A crew is on its way now."),
    Status.ON_SITE: mark("A crew is there now."),
}


def public_story(case: Case, events: Sequence[EventRow], notes: Sequence[Note]) -> list[Step]:
    """Reported, sent, on its way, done; what the office does among its crews is left out."""
    public_notes = {note.id: note for note in notes if note.is_public}
    steps = [Step(at=case.opened_at, icon="received", title=t("Reported"))]
    last_close = max((e.seq for e in events if e.kind == "case_closed"), default=None)
    for event in events:
        step = None
        if event.kind == "case_assigned":
            step = Step(at=event.at, icon="assigned", title=t("Sent to a crew"))
        elif event.kind == "case_unassigned":
            step = Step(at=event.at, icon="received", title=t("Waiting for another crew"))
        elif event.kind == "case_progressed" and event.body["status"] == "en_route":
            step = Step(at=event.at, icon="en_route", title=t("Crew on its way"))
        elif event.kind == "case_progressed" and event.body["status"] == "on_site":
            step = Step(at=event.at, icon="on_site", title=t("Crew arrived"))
        elif event.kind == "case_closed" and not (case.status == Status.CLOSED and event.seq == last_close):
            step = Step(at=event.at, icon="closed", title=t("Closed"))
        elif event.kind == "case_reopened":
            step = Step(at=event.at, icon="reopened", title=t("Opened again"))
        elif event.kind == "case_withdrawn":
            step = Step(at=event.at, icon="withdrawn", title=t("Withdrawn"))
        elif event.kind == "case_merged":
            step = Step(at=event.at, icon="merged", title=t("Joined with another report of the same"))
        elif event.kind == "case_split":
            step = Step(at=event.at, icon="received", title=t("Dealt with on its own again"))
        elif event.kind == "note_added" and (note := public_notes.get(event.body["note_id"])):
            step = Step(at=event.at, icon="note", title=t("The city says"), text=without_contacts(note.text))
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
        return t("This report was withdrawn. Nothing more will be done.")
    if case.status == Status.MERGED:
        return t("Somebody else reported the same. We deal with both together, and you will read here how it ends.")
    next_step = t(NEXT_STEPS.get(Status(case.status), NEXT_STEP))
    if case.due_at is None:
        return next_step
    day = plain_time(case.due_at, now)
    if case.due_at < now:
        by = t("We expected to be done by {day}. It takes longer; we are sorry.", day=day)
    else:
        by = t("We expect it to be done by {day}.", day=day)
    return f"{next_step} {by}"


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
