"""A replay as people see it: a table of figures, and a picture of the routes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from dispatch.replay.figures import Figures, figures_of
from dispatch.replay.play import Played, Visit
from dispatch.types import OpenCase, Point

COLUMNS = (
    "policy", "done", "km", "km a job", "late of due", "overdue done", "hours open", "hand-overs", "jobs a crew", "km a crew",
)  # fmt: skip


def figures_table(rows: Sequence[tuple[str, Figures]]) -> str:
    """One line for each (policy, figures), under a header. The last two columns: least to most (standard deviation)."""
    cells = [COLUMNS, *((name, *_cells(figures)) for name, figures in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )


def _cells(figures: Figures) -> tuple[str, ...]:
    jobs, metres = figures.jobs_of_crews, figures.metres_of_crews
    return (
        f"{figures.done:,} of {figures.cases:,}",
        f"{figures.metres / 1000:,.0f}",
        f"{figures.kilometres_a_job:.2f}",
        f"{figures.late:,} of {figures.due:,}",
        f"{figures.overdue_done:,} of {figures.overdue:,}",
        f"{figures.mean_open_h:.2f}",
        f"{figures.hand_overs:,}",
        f"{min(jobs)}-{max(jobs)} ({figures.spread_of_jobs:.1f})",
        f"{min(metres) / 1000:.0f}-{max(metres) / 1000:.0f} ({figures.spread_of_kilometres:.1f})",
    )


PANEL_WIDTH, PANEL_HEIGHT, HEADING, EDGE = 640.0, 760.0, 60.0, 16.0
LATE, UNDONE, WORDS = "#c1121f", "#6b7280", "#1f2937"


def draw_routes(plays: Mapping[str, Sequence[Played]], zone: ZoneInfo) -> str:
    """An SVG: a column for each policy, a row for each day, a line for each crew's way; what each stop was is in its title.

    All panels of a row have one scale. North is up.
    """
    rows = max(map(len, plays.values()), default=0)
    width, height = PANEL_WIDTH * len(plays), (PANEL_HEIGHT + HEADING) * rows
    panels = [
        f'<g transform="translate({PANEL_WIDTH * column:g} {(PANEL_HEIGHT + HEADING) * row:g})">{_panel(name, played, zone)}</g>'
        for column, (name, days) in enumerate(plays.items())
        for row, played in enumerate(days)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{WORDS}">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{"".join(panels)}</svg>\n'
    )


def _panel(name: str, played: Played, zone: ZoneInfo) -> str:
    day, figures = played.day, figures_of(played)
    points = [case.point for case in day.cases] + [crew.point for crew in day.crews]
    at = _projection(points)
    cases = {case.id: case for case in day.cases}
    ways: dict[int, list[Visit]] = {crew.id: [] for crew in day.crews}
    for visit in played.visits:
        ways[visit.crew_id].append(visit)
    parts = [
        f'<text x="{EDGE:g}" y="24" font-size="18" font-weight="600">{escape(name)}, {_clock(day.starts_at, zone, "%-d %B %Y")}</text>',
        f'<text x="{EDGE:g}" y="46">{figures.done} of {figures.cases} done, {figures.metres / 1000:.0f} km, {figures.late} of '
        f'{figures.due} due <tspan fill="{LATE}">late</tspan>, {figures.hand_overs} hand-overs; '
        f'<tspan fill="{UNDONE}">open circles: not done</tspan></text>',
    ]
    done = {visit.case_id for visit in played.visits}
    for case in day.cases:
        if case.id not in done:
            x, y = at(case.point)
            ring = LATE if case.due_at is not None and day.starts_at <= case.due_at < day.ends_at else UNDONE
            parts.append(
                f'<circle cx="{x:g}" cy="{y:g}" r="3.5" fill="none" stroke="{ring}"><title>{escape(case.service)}, not done'
                f"{_due(case, zone)}</title></circle>"
            )
    for k, crew in enumerate(day.crews):
        colour = f"hsl({k * 360 / len(day.crews):.0f} 65% 42%)"
        places = [at(crew.point), *(at(cases[visit.case_id].point) for visit in ways[crew.id])]
        x, y = places[0]
        line = " ".join(f"{a:g},{b:g}" for a, b in places)
        parts.append(f'<g fill="{colour}"><title>{escape(crew.code)}: {len(ways[crew.id])} jobs</title>')
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.2" stroke-opacity="0.8"/>')
        parts.append(f'<rect x="{x - 3.5:g}" y="{y - 3.5:g}" width="7" height="7"/>')
        for number, (visit, (a, b)) in enumerate(zip(ways[crew.id], places[1:], strict=True), 1):
            case = cases[visit.case_id]
            is_late = case.due_at is not None and day.starts_at <= case.due_at < visit.done_at
            edge = f' stroke="{LATE}" stroke-width="2"' if is_late else ""
            parts.append(
                f'<circle cx="{a:g}" cy="{b:g}" r="{3.5 if is_late else 2.5:g}"{edge}><title>{escape(crew.code)}, stop {number}: '
                f"{escape(case.service)}, {_clock(visit.arrived_at, zone)} to {_clock(visit.done_at, zone)} after "
                f"{visit.metres / 1000:.1f} km{_due(case, zone)}{', late' if is_late else ''}</title></circle>"
            )
        parts.append("</g>")
    return "\n".join(parts)


def _projection(points: Sequence[Point]) -> Callable[[Point], tuple[float, float]]:
    """Degrees to the units of a panel, all points within its edges."""
    south, north = min(p.latitude for p in points), max(p.latitude for p in points)
    west, east = min(p.longitude for p in points), max(p.longitude for p in points)
    squeeze = math.cos(math.radians((south + north) / 2))  # a degree of longitude in degrees of latitude
    span_x, span_y = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    scale = min((PANEL_WIDTH - 2 * EDGE) / span_x, (PANEL_HEIGHT - 2 * EDGE) / span_y)

    def at(point: Point) -> tuple[float, float]:
        x = EDGE + (point.longitude - west) * squeeze * scale
        return round(x, 1), round(HEADING + EDGE + (north - point.latitude) * scale, 1)

    return at


def _due(case: OpenCase, zone: ZoneInfo) -> str:
    return f", due {_clock(case.due_at, zone, '%-d %b %H:%M')}" if case.due_at is not None else ""


def _clock(moment: float, zone: ZoneInfo, form: str = "%H:%M") -> str:
    return datetime.fromtimestamp(moment, zone).strftime(form)
