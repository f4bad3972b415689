"""The dashboard's figures: each a small table that says how it is made, shown as a chart and given as CSV."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from crew_app.city_score import WINDOWS, city_score, metric_score
from crew_app.wire.spreadsheet import safe_cell

WINDOW_WORDS = {"day": "Yesterday", "week": "7 days", "month": "30 days", "quarter": "90 days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`bars`: (label, number or None, how it is written) of each row, for the chart."""

    code: str
    title: str
    how: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    bars: list[tuple[str, float | None, str]]
    most: float = 0  # where the chart ends; 0: at the longest bar

    @property
    def longest(self) -> float:
        return self.most or max((number for _, number, _ in self.bars if number), default=0) or 1


Decided = Mapping[str, tuple[int, int]]


def score_figure(by_window: Mapping[str, Decided]) -> Figure:
    """CityScore by window, and each service's own."""
    services = sorted({name for decided in by_window.values() for name in decided})
    per_window = {name: [metric_score(*by_window[name].get(service, (0, 0))) for service in services] for name in WINDOWS}
    whole = {name: city_score(scores) for name, scores in per_window.items()}
    rows: list[tuple[Any, ...]] = [("CityScore", *(_number(whole[name]) for name in WINDOWS))]
    rows += [(service, *(_number(per_window[name][at]) for name in WINDOWS)) for at, service in enumerate(services)]
    return Figure(
        code="cityscore",
        title="CityScore",
        how="For each service the share of promised dates that were kept, over the 80 % that count as good, rounded up to two "
        "decimals; the city’s score is their plain mean. 1 is as good as promised, 1.25 the most there can be. A promise counts "
        "on the day it is decided: when the case is closed, or when its date passes. Services about which nothing was decided "
        "are left out. Days are whole days up to yesterday.",
        columns=("metric", *WINDOWS),
        rows=rows,
        bars=[(WINDOW_WORDS[name], _float(whole[name]), _words(whole[name])) for name in WINDOWS],
        most=1.25,
    )


def on_time_figure(by: str, decided: Decided) -> Figure:
    rows = [(name, kept, all_, round(100 * kept / all_, 1)) for name, (kept, all_) in sorted(decided.items())]
    rows.sort(key=lambda row: row[2], reverse=True)
    return Figure(
        code=f"on-time-by-{by}",
        title=f"On time, by {by}",
        how="Of the promised dates decided in the last 30 days, the share that was kept. A promise is decided when the case is "
        "closed, or when its date passes. The chart shows those with the most promises; the download has all.",
        columns=(by, "kept", "decided", "percent"),
        rows=rows,
        bars=[(str(name), percent, f"{percent:.0f} % of {all_:,}") for name, _, all_, percent in rows[:8]],
        most=100,
    )


AGE_EDGES = (1, 7, 30, 90, 365)
AGE_WORDS = ("Under a day", "1 to 7 days", "7 to 30 days", "30 to 90 days", "90 days to a year", "Over a year")


def backlog_figure(counts: Sequence[int]) -> Figure:
    return Figure(
        code="backlog",
        title="How long open cases have waited",
        how="All cases that are open this minute, by the time since they were reported.",
        columns=("age", "open_cases"),
        rows=list(zip(AGE_WORDS, counts, strict=True)),
        bars=[(words, float(count), f"{count:,}") for words, count in zip(AGE_WORDS, counts, strict=True)],
    )


TO_CLOSE_EDGES = (4, 24, 72, 168, 720)
TO_CLOSE_WORDS = ("Under 4 hours", "4 to 24 hours", "1 to 3 days", "3 to 7 days", "7 to 30 days", "Over 30 days")


def time_to_close_figure(hours: Sequence[float]) -> Figure:
    edges = (0, *TO_CLOSE_EDGES, float("inf"))
    counts = [sum(low <= h < high for h in hours) for low, high in itertools.pairwise(edges)]
    return Figure(
        code="time-to-close",
        title="How long it took",
        how="All cases closed in the last 30 days, by the time from the report to the work, by the clock of whoever did it.",
        columns=("time", "cases"),
        rows=list(zip(TO_CLOSE_WORDS, counts, strict=True)),
        bars=[(words, float(count), f"{count:,}") for words, count in zip(TO_CLOSE_WORDS, counts, strict=True)],
    )


def weeks_figure(weeks: Sequence[str], counts: Sequence[tuple[int, int]]) -> Figure:
    return Figure(
        code="weeks",
        title="Reported and done, week by week",
        how="Cases reported, and cases closed, in each of the last twelve times seven days up to yesterday.",
        columns=("week_from", "reported", "done"),
        rows=[(week, *both) for week, both in zip(weeks, counts, strict=True)],
        bars=[(week, float(done), f"{done:,} of {reported:,}") for week, (reported, done) in zip(weeks, counts, strict=True)],
        most=max((max(both) for both in counts), default=0) or 1,
    )


def workload_figure(crews: Mapping[str, tuple[int, int]]) -> Figure:
    rows = [(name, count, held, round(held / count, 1)) for name, (count, held) in crews.items()]
    return Figure(
        code="workload",
        title="What crews have in hand",
        how="Cases in the hands of crews this minute, over the crews of the department.",
        columns=("department", "crews", "cases_in_hand", "cases_for_each_crew"),
        rows=rows,
        bars=[(str(name), each, f"{each:g} for each of {count}") for name, count, _, each in rows],
    )


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the numbers on top."""

    number: str
    words: str
    how: str


def share_words(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def median_words(hours: Sequence[float]) -> str:
    if not hours:
        return "–"
    middle = hours[len(hours) // 2]
    return f"{middle:.0f} h" if middle < 48 else f"{middle / 24:.0f} days"


def figure_csv(figure: Figure) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(figure.columns)
    writer.writerows([[safe_cell(cell) for cell in row] for row in figure.rows])
    return out.getvalue()


def _float(score: Fraction | None) -> float | None:
    return None if score is None else float(score)


def _number(score: Fraction | None) -> str:
    return "" if score is None else f"{float(score):.2f}"


def _words(score: Fraction | None) -> str:
    return _number(score) or "nothing decided"
