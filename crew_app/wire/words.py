"""How statuses, outcomes and roles are said: one table for each, one word for one thing."""

from __future__ import annotations

import re
from datetime import date

from crew_app.models import Service, ServiceLevel
from crew_app.workflow import Status

STATUS_WORDS = {
    Status.RECEIVED: "Received",
    Status.ASSIGNED: "Assigned",
    Status.EN_ROUTE: "On the way",
    Status.ON_SITE: "On site",
    Status.CLOSED: "Closed",
    Status.REOPENED: "Reopened",
    Status.WITHDRAWN: "Withdrawn",
    Status.MERGED: "Merged",
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
    Status.MERGED: "Joined with another report",
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
    "suspicious": "Something about its closing looks odd.",
}
SUSPICION_DECIDED = {
    "accept": "Somebody looked at the closing: it counts",
    "reopen": "Somebody looked at the closing: it was not done",
    "came": "The photos that were missing are here",
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


CONTACTS = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+"  # mail
    r"|\b\d{3}-\d{2}-\d{4}\b"  # social security
    r"|(?<![\w.-])(?:\+\d{1,3}[\s.-]?|1[\s.-])?(?:\(\d{2,4}\)|\d{3})[\s.-]?\d{3}[\s.-]?\d{4}(?![\w-])"  # telephone
)


def without_contacts(text: str | None) -> str:
    """What somebody wrote, with addresses and numbers that could name a person blotted out."""
    return CONTACTS.sub("[hidden]", text or "")


def promise_words(level: Service | ServiceLevel) -> str:
    """E.g. "2 business days"."""
    days = level.target_days
    if days is None:
        return "Nothing is promised"
    if days == 0:
        return "The same day"
    return f"{days} {'business day' if level.target_calendar == 'business' else 'day'}{'' if days == 1 else 's'}"
