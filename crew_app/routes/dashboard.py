"""How the city does, for the mayor and for everybody: six numbers, a few charts, each said how it is made and to take away."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Response, render_template

from crew_app.city_score import WINDOWS, window
from crew_app.errors import NotFound
from crew_app.extensions import db
from crew_app.languages import number_words, t, tn
from crew_app.queries.dashboard import (
    GROUPINGS,
    backlog_by_age,
    closed_and_reopened,
    fixed_and_shown,
    hours_to_close,
    open_now,
    promises_decided,
    reported_and_done,
    workload,
)
from crew_app.transaction import system_clock
from crew_app.wire.dashboard import (
    AGE_EDGES,
    Figure,
    Headline,
    backlog_figure,
    figure_csv,
    median_words,
    on_time_figure,
    score_figure,
    share_words,
    time_to_close_figure,
    weeks_figure,
    workload_figure,
)
from crew_app.wire.times import city_zone, in_city

bp = Blueprint("dashboard", __name__)

WEEKS = 12


@bp.get("/")
def page() -> Response:
    now = system_clock()
    figures = _figures(now)
    response = Response(
        render_template("public/dashboard.html", figures=figures, headlines=_headlines(now, figures), now=now), mimetype="text/html"
    )
    response.headers["Cache-Control"] = "public, max-age=60"  # it is about days; whoever reloads need not count again
    return response


@bp.get("/<code>.csv")
def download(code: str) -> Response:
    figure = next((figure for figure in _figures(system_clock()) if figure.code == code), None)
    if figure is None:
        raise NotFound("There is no such figure.")
    response = Response(figure_csv(figure), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{code}.csv"'
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def _figures(now: datetime) -> list[Figure]:
    zone, today = city_zone(), in_city(now).date()
    month = window("month", today, zone)
    midnight = month[1]
    spans = [(midnight - timedelta(days=7 * (week + 1)), midnight - timedelta(days=7 * week)) for week in reversed(range(WEEKS))]
    return [
        score_figure({name: promises_decided(db.session, "service", *window(name, today, zone)) for name in WINDOWS}),
        *(on_time_figure(by, promises_decided(db.session, by, *month)) for by in GROUPINGS),
        backlog_figure(backlog_by_age(db.session, now, AGE_EDGES)),
        time_to_close_figure(hours_to_close(db.session, *month)),
        weeks_figure([f"{start:%Y-%m-%d}" for start, _ in spans], reported_and_done(db.session, spans)),
        workload_figure(workload(db.session)),
    ]


def _headlines(now: datetime, figures: list[Figure]) -> list[Headline]:
    zone, today = city_zone(), in_city(now).date()
    month, quarter = window("month", today, zone), window("quarter", today, zone)
    decided = promises_decided(db.session, "department", *month).values()
    kept, all_ = sum(one for one, _ in decided), sum(many for _, many in decided)
    fixed, shown = fixed_and_shown(db.session, *month)
    closed, again = closed_and_reopened(db.session, *quarter)
    open_cases, number = open_now(db.session), number_words
    return [
        Headline(
            number(open_cases),
            tn("case is open now", "cases are open now", open_cases),
            t("Reported, and not yet closed or withdrawn."),
        ),
        Headline(
            figures[0].bars[1][2] if figures[0].bars[1][1] is not None else "–",
            t("is the CityScore of the last 7 days"),
            figures[0].how,
        ),
        Headline(
            share_words(kept, all_),
            t("of promised dates were kept in 30 days"),
            t("{kept} of {decided} that were decided.", kept=number(kept), decided=number(all_)),
        ),
        Headline(
            median_words(hours_to_close(db.session, *month)),
            t("was the usual time from report to work"),
            t("Half of the cases closed in the last 30 days took less."),
        ),
        Headline(
            share_words(shown, fixed),
            t("of what was fixed is shown in a photo"),
            t(
                "{shown} of {fixed} cases fixed in 30 days have the crew’s picture of the finished work.",
                shown=number(shown),
                fixed=number(fixed),
            ),
        ),
        Headline(
            share_words(again, closed),
            t("of closed cases were opened again"),
            t("{again} of {closed} closed in 90 days.", again=number(again), closed=number(closed)),
        ),
    ]
