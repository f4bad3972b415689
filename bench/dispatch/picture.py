"""Kilometres over CPU seconds, one line for each solver, as an SVG that needs nothing."""

from __future__ import annotations

import math
import statistics
from typing import Any

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 400, 64, 110, 28, 48
COLOURS = {"Crew311": "#0b6e4f", "PyVRP": "#1f4e9c", "OR-Tools": "#a8480f", "VROOM": "#6b4c9a"}


def draw(scores: dict[tuple[bool, str, float], Any]) -> str:
    """`scores`: (counts lateness, who, effort) -> km and cpu_s of each day. Drawn: medians without lateness, log seconds."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for (counts_lateness, who, _), score in sorted(scores.items()):
        if not counts_lateness:
            lines.setdefault(who, []).append((statistics.median(score.cpu_s), statistics.median(score.km)))
    points = [point for line in lines.values() for point in line]
    first, last = math.log10(min(s for s, _ in points)), math.log10(max(s for s, _ in points))
    low, high = math.floor(min(km for _, km in points) / 10) * 10, math.ceil(max(km for _, km in points) / 10) * 10

    def x(seconds: float) -> float:
        return LEFT + (math.log10(seconds) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(km: float) -> float:
        return HEIGHT - BOTTOM - (km - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" role="img">',
        "<title>Kilometres of a day's plan over CPU seconds</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="18" fill="#222">km of a day\'s plan (800 cases, 60 crews), median of the days; less is better</text>',
    ]
    step = 10 if high - low <= 100 else 20
    for km in range(low, high + 1, step):
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(km):.1f}" y2="{y(km):.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(km) + 4:.1f}" text-anchor="end" fill="#555">{km}</text>')
    for seconds in (0.1, 0.3, 1, 3, 10, 30):
        if first - 0.05 <= math.log10(seconds) <= last + 0.05:
            parts.append(
                f'<text x="{x(seconds):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#555">{seconds} s</text>'
            )
    for who, line in lines.items():
        line.sort()
        path = " ".join(f"{x(s):.1f},{y(km):.1f}" for s, km in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[who]}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x(s):.1f}" cy="{y(km):.1f}" r="4" fill="{COLOURS[who]}"/>' for s, km in line]
    lowest = 0.0
    for who, (seconds, km) in sorted(((who, line[-1]) for who, line in lines.items()), key=lambda label: -label[1][1]):
        lowest = max(y(km) + 4, lowest + 16)  # names do not lie on each other
        parts.append(f'<text x="{x(seconds) + 10:.1f}" y="{lowest:.1f}" fill="{COLOURS[who]}" font-weight="bold">{who}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
