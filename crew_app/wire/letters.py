"""Letters to followers: in plain words and their language, with nothing that a public page does not say."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from crew_app.adapters.mail import Outgoing
from crew_app.languages import language, t, tn
from crew_app.models import Case, Follower, Letter
from crew_app.wire.addresses import case_address
from crew_app.wire.story import what_happens_next
from crew_app.wire.words import public_outcome, public_status_words, service_name, without_contacts
from crew_app.workflow import Status


def what_is_followed(follower: Follower, city: str) -> str:
    """E.g. "Pothole, case 26-004711", "Potholes, Roxbury", "all of Boston"."""
    if follower.case is not None:
        return t("{service}, case {number}", service=service_name(follower.case.service), number=follower.case.number)
    names = [service_name(follower.service)] if follower.service else []
    return ", ".join([*names, *([follower.district.name] if follower.district else [])]) or city


def question_letter(follower: Follower, public_url: str, city: str) -> Outgoing:
    what = what_is_followed(follower, city)
    text = "\n\n".join(
        (
            t("Somebody, we hope it was you, asked us to send news about this to your address: {what}.", what=what),
            t("Open this page to say yes:"),
            f"{public_url}/follow/{follower.token}",
            t("If it was not you, do nothing. We send nothing more."),
        )
    )
    subject = t("Do you want news? {what}", what=what)
    return _letter(follower, subject, text, f"question-{int(follower.asked_at.timestamp())}", public_url)


def news_letter(letters: Sequence[Letter], states: Mapping[int, str], public_url: str, city: str, now: datetime) -> Outgoing:
    follower = letters[0].follower
    parts = [_about(letter.case, public_url, now) for letter in letters]
    subject = (
        _headline(letters[0].case)
        if len(letters) == 1
        else tn("News of {n} case: {what}", "News of {n} cases: {what}", len(letters), what=what_is_followed(follower, city))
    )
    stop = t("To get no more of these letters:")
    text = "\n\n".join((*parts, f"-- \n{stop} {public_url}/follow/{follower.token}"))
    told = hashlib.sha256(repr(sorted(states.items())).encode()).hexdigest()[:16]
    return _letter(follower, subject, text, f"news-{told}", public_url)


def _headline(case: Case) -> str:
    return f"{t('{service}, case {number}', service=service_name(case.service), number=case.number)}: {public_status_words(case.status)}"


def _about(case: Case, public_url: str, now: datetime) -> str:
    if case.status == Status.CLOSED:
        ended = public_outcome(case.outcome, case.outcome_detail), without_contacts(case.closing_note)
        words = " ".join(part for part in ended if part)
    else:
        words = what_happens_next(case, now)
    lines = (_headline(case), without_contacts(case.address), words, case_address(public_url, case.number))
    return "\n".join(line for line in lines if line)


def _letter(follower: Follower, subject: str, text: str, key: str, public_url: str) -> Outgoing:
    return Outgoing(
        to=follower.email,
        subject=subject,
        text=text,
        id=f"<{key}-{follower.id}@{urlsplit(public_url).hostname or 'localhost'}>",
        language=language().code,
        stop_url=f"{public_url}/follow/{follower.token}/stop",
    )
