"""What a move would cost, and what each crew would make of a case: figures for the desk, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crew_app.wire.explanations import REFUSAL_WORDS, metres_in_words
from dispatch.types import CrewRoute
from dispatch.what_if import CasePrice, CrewPrice, Price, Ranked


def price_body(price: Price, numbers: Mapping[int, str]) -> dict[str, Any]:
    """`numbers`: of the cases that come late, by id."""
    late_before = {i for crew in price.crews for i in crew.late_before}
    late_after = {i for crew in price.crews for i in crew.late_after}
    newly, saved = ([numbers[i] for i in sorted(ids)] for ids in (late_after - late_before, late_before - late_after))
    words = [_round_words(crew.crew.code, crew.before, crew.after) for crew in price.crews]
    return {
        "source": price.source,
        "words": " ".join([*words, _late_words(newly, saved)]),
        "crews": [_crew_body(crew, takes=place == 0) for place, crew in enumerate(price.crews)],
        "cases": [_case_body(case, price.crews[0].crew.code) for case in price.cases],
    }


def ranked_body(ranked: Ranked) -> dict[str, Any]:
    metres, late_s = ranked.added_m, ranked.late_s
    added = _added_words(metres, late_s or 0.0) if metres is not None else ""
    refused = REFUSAL_WORDS[ranked.refusal] if ranked.refusal else ""
    return {
        "crew": ranked.crew.id,
        "code": ranked.crew.code,
        "has_it": ranked.has_it,
        "away": round(ranked.away_m),
        "metres": None if metres is None else round(metres),
        "ends": None if ranked.ends_at is None else round(ranked.ends_at),
        "late_s": None if late_s is None else round(late_s),
        "refusal": ranked.refusal,
        "words": "; ".join(words for words in (added, refused) if words),
    }


def _crew_body(price: CrewPrice, *, takes: bool) -> dict[str, Any]:
    before, after = price.before, price.after
    return {
        "crew": price.crew.id,
        "takes": takes,
        "on_duty": price.is_on_duty,
        "metres": [round(before.metres), round(after.metres)],
        "ends": [round(route.ends_at) if route.stops else None for route in (before, after)],
        "over_s": [round(before.overtime_s), round(after.overtime_s)],
        "late": [sorted(price.late_before), sorted(price.late_after)],
    }


def _case_body(price: CasePrice, code: str) -> dict[str, Any]:
    late_s = max(0, round(price.ends_at - price.due_at)) if price.ends_at is not None and price.due_at is not None else 0
    return {
        "case": price.case_id,
        "place": price.place,
        "ends": None if price.ends_at is None else round(price.ends_at),
        "due": None if price.due_at is None else round(price.due_at),
        "late_s": late_s,
        "refusal": price.refusal,
        "words": f"{code} {REFUSAL_WORDS[price.refusal]}." if price.refusal else "",
    }


def _round_words(code: str, before: CrewRoute, after: CrewRoute) -> str:
    """E.g. "PWD-7 drives 2.4 km more and is done 25 min later." """
    metres, minutes = after.metres - before.metres, round((after.ends_at - before.ends_at) / 60)
    words = f"{code} drives {metres_in_words(abs(metres))} {'more' if metres >= 0 else 'less'}"
    if before.stops and after.stops and minutes:
        words += f" and is done {abs(minutes)} min {'later' if minutes > 0 else 'earlier'}"
    over = round((after.overtime_s - before.overtime_s) / 60)
    return f"{words}, {over} min after its shift." if over > 0 else f"{words}."


def _late_words(newly_late: Sequence[str], saved: Sequence[str]) -> str:
    if not newly_late and not saved:
        return "Nothing new comes late."
    words = []
    if newly_late:
        words.append(f"{_listed(newly_late)} would come late.")
    if saved:
        words.append(f"{_listed(saved)} would be on time after all.")
    return " ".join(words)


def _listed(numbers: Sequence[str]) -> str:
    shown = ", ".join(numbers[:3])
    return shown if len(numbers) <= 3 else f"{shown} and {len(numbers) - 3} more"


def _added_words(metres: float, late_s: float) -> str:
    """E.g. "1.2 km more on its round, 20 min late"."""
    words = f"{metres_in_words(max(0.0, metres))} more on its round"
    return f"{words}, {round(late_s / 60)} min late" if late_s >= 60 else words
