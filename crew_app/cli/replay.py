from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext

from crew_app.adapters.dispatch_engine import use_compiled_engine
from crew_app.extensions import db
from crew_app.services.cases import read_city_map
from crew_app.services.promises import city_calendar
from crew_app.wire.open_data import WrongFile
from crew_app.wire.past_day import read_past_cases
from crew_app.wire.replays import draw_routes, figures_table
from dispatch.distance import CITY_SPEED_KMH, LegsOf, legs_by_air
from dispatch.replay.day import Day, Setting, choose_day
from dispatch.replay.figures import figures_of, in_all
from dispatch.replay.play import Played, Policy, play
from dispatch.replay.policies import ITERATIONS, nearest, on_free, planned

POLICIES = ("nearest", "on_free", "planned")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--day", "days", type=click.DateTime(["%Y-%m-%d"]), multiple=True, required=True, help="May be given several times.")
@click.option("--policy", "names", type=click.Choice(POLICIES), multiple=True, help="[all]")
@click.option("--starts", type=click.DateTime(["%H:%M"]), default="07:30", show_default=True, help="Of the shift, city time.")
@click.option("--ends", type=click.DateTime(["%H:%M"]), default="16:00", show_default=True)
@click.option("--department", "departments", multiple=True, help="Only this one, by code or name; several times. [all]")
@click.option("--crews", type=click.IntRange(1), default=60, show_default=True, help="Shared out to departments by their work.")
@click.option("--capacity", type=click.IntRange(1), default=15, show_default=True, help="Jobs in a crew's list at once.")
@click.option("--open", "open_at_start", type=click.IntRange(0), default=600, show_default=True, help="Open when the shift begins.")
@click.option("--work-minutes", type=click.FloatRange(0, min_open=True), default=20, show_default=True, help="At each place.")
@click.option("--speed", type=click.FloatRange(1), default=CITY_SPEED_KMH, show_default=True, help="km/h on the road.")
@click.option("--by-road", is_flag=True, help="Drive by the city's roads (flask roads, ROADS) and at their speeds, not by air.")
@click.option("--iterations", type=click.IntRange(1), default=ITERATIONS, show_default=True, help="Of the search, each plan.")
@click.option("--seed", type=int, default=311, show_default=True, help="The same seed plays the same day.")
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), help="Draw the routes here (SVG).")
@click.option("--shifted", is_flag=True, help="As for import-cases.")
@with_appcontext
def replay(
    file: Path,
    days: Sequence[datetime],
    names: Sequence[str],
    starts: datetime,
    ends: datetime,
    departments: Sequence[str],
    crews: int,
    capacity: int,
    open_at_start: int,
    work_minutes: float,
    speed: float,
    by_road: bool,
    iterations: int,
    seed: int,
    picture: Path | None,
    shifted: bool,
) -> None:
    """Play a past day from a city's open data against a policy; change nothing.

    Who was on duty the file does not say: crews are shared out to the departments by their work, and begin where their
    department closed its last cases. Cases without a trustworthy place wait for a person, as they do here.
    """
    calendar = city_calendar(db.session)
    try:
        past = list(read_past_cases(file, read_city_map(db.session), calendar, departments, shifted))
    except WrongFile as wrong:
        raise click.ClickException(str(wrong)) from None
    if by_road or "planned" in (names or POLICIES):
        use_compiled_engine(current_app)
    legs_of: LegsOf = current_app.extensions["legs_of"] if by_road else partial(legs_by_air, speed_kmh=speed)
    setting = Setting(crews, capacity, open_at_start, work_minutes * 60)
    plays: dict[str, list[Played]] = {name: [] for name in names or POLICIES}
    policies = {name: _policy(name, iterations, seed) for name in plays}
    for date in days:
        try:
            day = choose_day(past, _moment(date, starts.time(), calendar.zone), _moment(date, ends.time(), calendar.zone), setting)
        except ValueError as error:
            raise click.ClickException(f"{date:%Y-%m-%d}: {error}.") from None
        click.echo(f"{date:%Y-%m-%d}: {len(day.cases):,} cases with a place, {day.without_place:,} without; {_shares(day)}")
        for name, played in plays.items():
            played.append(play(day, policies[name], legs_of))
        click.echo(figures_table([(name, figures_of(played[-1])) for name, played in plays.items()]))
    if len(days) > 1:
        click.echo(f"All {len(days)} days")
        click.echo(figures_table([(name, in_all([figures_of(p) for p in played])) for name, played in plays.items()]))
    if picture:
        picture.write_text(draw_routes(plays, calendar.zone), encoding="utf-8")
        click.echo(f"The routes are drawn in {picture}")


def _policy(name: str, iterations: int, seed: int) -> Policy:
    if name != "planned":
        return nearest() if name == "nearest" else on_free()
    return planned(current_app.extensions["dispatch_engine"], iterations=iterations, seed=seed)


def _moment(day: datetime, clock: time, zone: ZoneInfo) -> float:
    return datetime.combine(day.date(), clock, tzinfo=zone).timestamp()


def _shares(day: Day) -> str:
    crews = Counter(crew.department_id for crew in day.crews)
    return "crews: " + ", ".join(f"{crews[number]} {name}" for number, name in enumerate(day.departments))
