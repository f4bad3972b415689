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
from crew_app.languages import mark, number_words, share_of, t, tn
from crew_app.wire.spreadsheet import safe_cell

WINDOW_WORDS = {"day": mark("Yesterday"), "week": mark("7 days"), "month": mark("30 days"), "quarter": mark("90 days")}
ON_TIME_WORDS = {
    "service": mark("On time, by service"),
    "department": mark("On time, by department"),
    "district": mark("On time, by district"),
}
# The heads of the tables, as the page makes them of the columns' names; the downloads keep the names.
HEADS = (
    mark("Metric"),
    mark("Day"),
    mark("Week"),
    mark("Month"),
    mark("Quarter"),
    mark("Service"),
    mark("Department"),
    mark("District"),
    mark("Kept"),
    mark("Decided"),
    mark("Percent"),
    mark("Age"),
    mark("Open cases"),
    mark("Time"),
    mark("Cases"),
    mark("Week from"),
    mark("Reported"),
    mark("Done"),
    mark("Crews"),
    mark("Cases in hand"),
    mark("Cases for each crew"),
)


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
        how=t(
            "For each service the share of promised dates that were kept, over the 80 % that count as good, rounded up to two "
            "decimals; the city’s score is their plain mean. 1 is as good as promised, 1.25 the most there can be. A promise counts "
            "on the day it is decided: when the case is closed, or when its date passes. Services about which nothing was decided "
            "are left out. Days are whole days up to yesterday."
        ),
        columns=("metric", *WINDOWS),
        rows=rows,
        bars=[(t(WINDOW_WORDS[name]), _float(whole[name]), _words(whole[name])) for name in WINDOWS],
        most=1.25,
    )


def on_time_figure(by: str, decided: Decided) -> Figure:
    rows = [(name, kept, all_, round(100 * kept / all_, 1)) for name, (kept, all_) in sorted(decided.items())]
    rows.sort(key=lambda row: row[2], reverse=True)
    return Figure(
        code=f"on-time-by-{by}",
        title=t(ON_TIME_WORDS[by]),
        how=t(
            "Of the promised dates decided in the last 30 days, the share that was kept. A promise is decided when the case is "
            "closed, or when its date passes. The chart shows those with the most promises; the download has all."
        ),
        columns=(by, "kept", "decided", "percent"),
        rows=rows,
        bars=[
            (str(name), percent, t("{share} of {all}", share=share_words(kept, all_), all=number_words(all_)))
            for name, kept, all_, percent in rows[:8]
        ],
        most=100,
    )


AGE_EDGES = (1, 7, 30, 90, 365)
AGE_WORDS = (
    mark("Under a day"),
    mark("1 to 7 days"),
    mark("7 to 30 days"),
    mark("30 to 90 days"),
    mark("90 days to a year"),
    mark("Over a year"),
)


def backlog_figure(counts: Sequence[int]) -> Figure:
    ages = [t(words) for words in AGE_WORDS]
    return Figure(
        code="backlog",
        title=t("How long open cases have waited"),
        how=t("All cases that are open this minute, by the time since they were reported."),
        columns=("age", "open_cases"),
        rows=list(zip(ages, counts, strict=True)),
        bars=[(words, float(count), number_words(count)) for words, count in zip(ages, counts, strict=True)],
    )


TO_CLOSE_EDGES = (4, 24, 72, 168, 720)
TO_CLOSE_WORDS = (
    mark("Under 4 hours"),
    mark("4 to 24 hours"),
    mark("1 to 3 days"),
    mark("3 to 7 days"),
    mark("7 to 30 days"),
    mark("Over 30 days"),
)


def time_to_close_figure(hours: Sequence[float]) -> Figure:
    edges = (0, *TO_CLOSE_EDGES, float("inf"))
    times = [t(words) for words in TO_CLOSE_WORDS]
    counts = [sum(low <= h < high for h in hours) for low, high in itertools.pairwise(edges)]
    return Figure(
        code="time-to-close",
        title=t("How long it took"),
        how=t("All cases closed in the last 30 days, by the time from the report to the work, by the clock of whoever did it."),
        columns=("time", "cases"),
        rows=list(zip(times, counts, strict=True)),
        bars=[(words, float(count), number_words(count)) for words, count in zip(times, counts, strict=True)],
    )


def weeks_figure(weeks: Sequence[str], counts: Sequence[tuple[int, int]]) -> Figure:
    return Figure(
        code="weeks",
        title=t("Reported and done, week by week"),
        how=t("Cases reported, and cases closed, in each of the last twelve times seven days up to yesterday."),
        columns=("week_from", "reported", "done"),
        rows=[(week, *both) for week, both in zip(weeks, counts, strict=True)],
        bars=[
            (week, float(done), t("{done} of {reported}", done=number_words(done), reported=number_words(reported)))
            for week, (reported, done) in zip(weeks, counts, strict=True)
        ],
        most=max((max(both) for both in counts), default=0) or 1,
    )


def workload_figure(crews: Mapping[str, tuple[int, int]]) -> Figure:
    rows = [(name, count, held, round(held / count, 1)) for name, (count, held) in crews.items()]
    return Figure(
        code="workload",
        title=t("What crews have in hand"),
        how=t("Cases in the hands of crews this minute, over the crews of the department."),
        columns=("department", "crews", "cases_in_hand", "cases_for_each_crew"),
        rows=rows,
        bars=[
            (str(name), each, t("{each} for each of {count}", each=number_words(each), count=number_words(count)))
            for name, count, _, each in rows
        ],
    )


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the numbers on top."""

    number: str
    words: str
    how: str


def share_words(part: int, whole: int) -> str:
    return share_of(part, whole) if whole else "–"


def median_words(hours: Sequence[float]) -> str:
    if not hours:
        return "–"
    middle = hours[len(hours) // 2]
    return tn("{n} h", "{n} h", round(middle)) if middle < 48 else tn("{n} day", "{n} days", round(middle / 24))


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
    return t("nothing decided") if score is None else number_words(float(score), "0.00")
