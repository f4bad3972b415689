from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click
from flask.cli import with_appcontext

from crew_app.extensions import db
from crew_app.services.open_data import published_batches
from crew_app.transaction import system_clock
from crew_app.wire.open_data_written import GENERATIONS, csv_lines
from crew_app.wire.times import city_zone


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--columns", type=click.Choice(list(GENERATIONS)), default="new", show_default=True, help="Which of Boston's columns."
)
@with_appcontext
def export(file: Path, columns: str) -> None:
    """Write all public cases as CSV (FILE, or - for the screen); import-cases reads it back into equal cases."""
    if str(file) == "-":
        _write(sys.stdout, columns)
        return
    with open(file, "w", encoding="utf-8", newline="") as out:
        count = _write(out, columns)
    click.echo(f"{file.name}: {count:,} cases ({GENERATIONS[columns]} columns).")


def _write(out: TextIO, columns: str) -> int:
    count = 0

    def cases() -> Iterator[dict[str, Any]]:
        nonlocal count
        for batch in published_batches(db.session, system_clock()):
            count += len(batch)
            yield from batch

    for piece in csv_lines(cases(), GENERATIONS[columns], city_zone()):
        out.write(piece)
    return count
