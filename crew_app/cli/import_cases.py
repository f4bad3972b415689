from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TextIO

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import IntegrityError

from crew_app.extensions import db
from crew_app.services.cases import read_city_map
from crew_app.services.imports import PROBLEM_WORDS, Reading, Tally, import_rows
from crew_app.services.promises import city_calendar
from crew_app.transaction import transaction
from crew_app.wire.open_data import BadRow, CityRow, Layout, RawRow, Survey, WrongFile, parse_row, read_rows, survey

ROWS_AT_ONCE = 1000  # one transaction: short enough that a crew's closing never waits long behind it
TRIES = 3


@click.command("import-cases")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rejects", type=click.Path(path_type=Path), help="Where to write rows that cannot be taken [FILE.rejects.csv].")
@click.option(
    "--shifted", is_flag=True, help="The file's times were moved from UTC although they were the city's own (04:30 for 08:30)."
)
@with_appcontext
def import_cases(file: Path, rejects: Path | None, shifted: bool) -> None:
    """Take in cases from Boston's open data (.csv or .csv.gz, any generation of columns).

    Safe to run again, and with a newer file: a case is known by its id, and an unchanged row changes nothing.
    """
    began = perf_counter()
    calendar = city_calendar(db.session)
    try:
        found = survey(file, calendar.zone)
    except WrongFile as wrong:
        raise click.ClickException(f"{wrong} Nothing was changed.") from None
    if found.looks_shifted and not shifted:
        click.echo(
            f"Mind the times: {found.shifted:,} of {found.stamped:,} closing remarks name an hour that is later than the "
            "closing time by just the city's distance from UTC. If the remarks are right, import with --shifted.",
            err=True,
        )
    reading = Reading(found, read_city_map(db.session), calendar)
    db.session.rollback()
    tally = Tally()
    with _Rejects(rejects or rejects_beside(file), file, found.layout) as refused:
        chunks = _chunks(file, reading, shifted)
        with click.progressbar(length=found.rows, label=f"Importing {file.name}", file=sys.stderr) as bar:
            for chunk in chunks:
                for raw, bad in chunk.bad:
                    refused.write(raw, bad)
                tally.rejected += len(chunk.bad)
                done, late = _import_chunk(chunk, reading)
                for row, bad in late:
                    refused.write(chunk.raw[row.number], bad)
                tally.add(done)
                bar.update(len(chunk.bad) + len(chunk.rows))
    click.echo(_summary(file, found, tally, perf_counter() - began, refused.path if tally.rejected else None))
    if tally.rejected == tally.read:
        raise click.ClickException("Not one row could be taken.")


def rejects_beside(file: Path) -> Path:
    """cases.csv.gz -> cases.rejects.csv, in the same folder, or here where that folder cannot be written."""
    name = file.name.removesuffix(".gz").removesuffix(".csv") + ".rejects.csv"
    return file.parent / name if os.access(file.parent, os.W_OK) else Path(name)


@dataclass(slots=True)
class _Chunk:
    rows: list[CityRow]
    raw: dict[str, RawRow]  # by case number
    bad: list[tuple[RawRow, BadRow]]


def _chunks(file: Path, reading: Reading, shifted: bool) -> Iterator[_Chunk]:
    """The file in batches; a number that comes again begins a new one, so that the later row wins."""
    chunk = _Chunk([], {}, [])
    for raw in read_rows(file):
        try:
            row = parse_row(raw.cells, reading.survey.layout, reading.calendar.zone, shifted)
        except BadRow as bad:
            chunk.bad.append((raw, bad))
            row = None
        if len(chunk.rows) + len(chunk.bad) >= ROWS_AT_ONCE or (row and row.number in chunk.raw):
            yield chunk
            chunk = _Chunk([], {}, [])
        if row:
            chunk.rows.append(row)
            chunk.raw[row.number] = raw
    if chunk.rows or chunk.bad:
        yield chunk


def _import_chunk(chunk: _Chunk, reading: Reading) -> tuple[Tally, list[tuple[CityRow, BadRow]]]:
    """One transaction. Another import that wrote the same new case meanwhile makes it start over and see it."""
    for attempt in range(1, TRIES + 1):
        try:
            with transaction() as tx:
                return import_rows(tx, chunk.rows, reading)
        except IntegrityError:
            if attempt == TRIES:
                raise
    raise AssertionError


class _Rejects:
    """The rows that could not be taken, each as it was, with its line and why. Made only when there is one.

    Its header is the file's own behind two more columns, so that a corrected copy can be imported as it is.
    """

    def __init__(self, path: Path, source: Path, layout: Layout) -> None:
        if path.exists() and path.samefile(source):
            raise click.ClickException("The rejects cannot be written over the file they come from. Nothing was changed.")
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise click.ClickException(f"Rejected rows cannot be written to {path}. Nothing was changed.")
        self.path, self._layout = path, layout
        self._file: TextIO | None = None

    def __enter__(self) -> _Rejects:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, raw: RawRow, bad: BadRow) -> None:
        if self._file is None:
            self._file = open(self.path, "w", encoding="utf-8", newline="")  # noqa: SIM115 - closed in __exit__
            csv.writer(self._file).writerow(["import_line", "import_problem", *self._layout.header])
        csv.writer(self._file).writerow([raw.line, str(bad), *raw.cells])
        self._file.flush()


def _summary(file: Path, found: Survey, tally: Tally, seconds: float, rejects: Path | None) -> str:
    lines = [
        f"{file.name}: {tally.read:,} rows read in {seconds:.1f} s ({found.layout.generation} columns)",
        *(f"{getattr(tally, name):>10,}  {name}" for name in ("new", "updated", "unchanged")),
        f"{tally.rejected:>10,}  rejected" + (f", each with its reason in {rejects}" if rejects else ""),
    ]
    if tally.place_problems or tally.closed_before_opened:
        lines.append("Of the new and updated:")
        lines += [f"{count:>10,}  {PROBLEM_WORDS[problem]}" for problem, count in tally.place_problems.most_common()]  # type: ignore[index]
        if tally.closed_before_opened:
            lines.append(f"{tally.closed_before_opened:>10,}  were closed before they were opened (taken as they are)")
    for what, names in (("departments", tally.new_departments), ("services", tally.new_services)):
        if names:
            lines.append(f"{len(names):>10,}  {what} are new: {_some(names)}")
    if found.layout.left_aside:
        lines.append(f"Columns left aside: {', '.join(found.layout.left_aside)}")
    return "\n".join(lines)


def _some(names: list[str], shown: int = 12) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(sorted(names)[:shown]) + more
