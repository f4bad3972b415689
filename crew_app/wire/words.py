"""How statuses, outcomes and roles are said: one table for each, one word for one thing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from crew_app import languages
from crew_app.languages import mark, t
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
    Status.RECEIVED: mark("Received"),
    Status.ASSIGNED: mark("Sent to a crew"),
    Status.EN_ROUTE: mark("Crew on its way"),
    Status.ON_SITE: mark("Crew is there"),
    Status.CLOSED: mark("Done"),
    Status.REOPENED: mark("Opened again"),
    Status.WITHDRAWN: mark("Withdrawn"),
    Status.MERGED: mark("Joined with another report"),
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
    "fixed": mark("It is fixed."),
    "made_safe": mark("It is made safe for now. The lasting repair comes later."),
    "not_found": mark("The crew looked and could not find it."),
    "no_access": mark("The crew could not get to it."),
    "not_ours": mark("The city may not mend this itself. It belongs to: {detail}."),
    "duplicate": mark("It was reported before, as case {detail}. Follow that one."),
    "scheduled": mark("The work is planned for {detail}."),
}
CLOSED = mark("It is closed.")
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
    404: (mark("There is nothing at this address"), mark("The address may be mistyped, or what was here is gone.")),
    405: (
        mark("This cannot be done here"),
        mark("This address does not take that kind of request. Go back and use the page's own buttons."),
    ),
    413: (
        mark("This is too large"),
        mark("A report with its photo may have 20 MB. Choose a smaller photo, or send it without one."),
    ),
    500: (
        mark("This did not work"),
        mark("The fault is ours, and it is written down. What was saved before is safe. Please try again."),
    ),
}


def status_words(code: str) -> str:
    return STATUS_WORDS.get(Status(code), code) if code in list(Status) else code


def public_status_words(code: str) -> str:
    return t(PUBLIC_STATUS_WORDS[Status(code)])


def outcome_words(code: str | None) -> str:
    return OUTCOME_WORDS.get(code or "", code or "")


def closing_words(outcome: str | None, detail: str | None) -> str:
    """E.g. "Not ours: Water and Sewer"."""
    words = outcome_words(outcome)
    return f"{words}: {day_words(detail) if outcome == 'scheduled' else detail}" if detail else words


def service_name(service: Service) -> str:
    """As the reader's language calls it, where the city has said so."""
    return name_in_language(service.name, service.names)


def name_in_language(name: str, names: Mapping[str, str]) -> str:
    return names.get(languages.language().code) or name


def public_outcome(outcome: str | None, detail: str | None) -> str:
    detail = day_words(detail or "") if outcome == "scheduled" else without_contacts(detail or "")
    words = PUBLIC_OUTCOME_WORDS.get(outcome or "", CLOSED)
    return t(words, detail=detail.rstrip(".") or t("somebody else"))


def day_words(iso_day: str) -> str:
    """ "2026-11-30" as people say it; anything else as it is."""
    try:
        day = date.fromisoformat(iso_day)
    except ValueError:
        return iso_day
    return languages.day_words(day, "full")


CONTACTS = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+"  # mail
    r"|\b\d{3}-\d{2}-\d{4}\b"  # social security
    r"|(?<![\w.-])(?:\+\d{1,3}[\s.-]?|1[\s.-])?(?:\(\d{2,4}\)|\d{3})[\s.-]?\d{3}[\s.-]?\d{4}(?![\w-])"  # telephone
)


# What each of them has, found in a tenth of the time: most of what is published has none.
PERHAPS_CONTACTS = re.compile(r"@|\d\d[\s.-]?\d{4}")


def without_contacts(text: str | None) -> str:
    """What somebody wrote, with addresses and numbers that could name a person blotted out."""
    if not text or not PERHAPS_CONTACTS.search(text):
        return text or ""
    return CONTACTS.sub(t("[hidden]"), text)


def promise_words(level: Service | ServiceLevel) -> str:
    """E.g. "2 business days"."""
    days = level.target_days
    if days is None:
        return "Nothing is promised"
    if days == 0:
        return "The same day"
    return f"{days} {'business day' if level.target_calendar == 'business' else 'day'}{'' if days == 1 else 's'}"
