from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import click
from flask.cli import with_appcontext

from crew_app.extensions import db
from crew_app.models import Photo, PhotoState
from crew_app.services.backups import backup_folder, sqlite_file
from crew_app.services.erasure import forget_again
from crew_app.services.photos import photo_store
from crew_app.services.restores import NoBackup, Rebuilt, begin_new_life, bring_photos_back, rebuild_database
from crew_app.transaction import system_clock, transaction


def _read_moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime:
    if value is None:
        return system_clock()
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no moment; write 2026-12-01T06:30:00Z") from None
    if moment.tzinfo is None:
        raise click.BadParameter(f"{value!r} has no time zone; write {value}Z for UTC")
    return moment.astimezone(UTC)


@click.command()
@click.option("--to", "moment", callback=_read_moment, help="The moment to go back to, e.g. 2026-12-01T06:30:00Z; else the newest.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file with the private age key.")
@click.option("--drill", is_flag=True, help="Try it in a place of its own and say how it went; the city is not touched.")
@with_appcontext
def restore(moment: datetime, key: Path | None, drill: bool) -> None:
    """Put the city back to a moment, from BACKUP_FOLDER. Stop web server and worker first.

    The present database is moved aside, not deleted. Phones notice that the server began a new life, and send again what it
    does not know.
    """
    backups, database, began = backup_folder(), sqlite_file(), perf_counter()
    if backups is None:
        raise click.ClickException("Say where from: BACKUP_FOLDER=/path/to/another/disk flask --app wsgi restore")
    if database is None:
        raise click.ClickException("PostgreSQL is put back by its own tools: docs/operations.md")
    identity = key.read_text() if key else ""
    try:
        if drill:
            with tempfile.TemporaryDirectory(prefix="crew311-drill-", dir=database.parent) as folder:
                rebuilt = rebuild_database(backups, moment, Path(folder) / "crew311.sqlite", identity)
            _say(rebuilt, moment, began)
            return
        partial = database.with_name(database.name + ".restored")
        rebuilt = rebuild_database(backups, moment, partial, identity)
    except NoBackup as error:
        raise click.ClickException(f"{error} Nothing was changed.") from None
    _move_aside(database)
    partial.rename(database)
    with transaction() as tx:
        begin_new_life(tx)
        forgotten = forget_again(tx, backups, identity)
        brought, lost = bring_photos_back(tx, backups, photo_store(), identity)
        for photo_id in lost:
            photo = tx.session.get_one(Photo, photo_id)
            photo.state, photo.verified_at = PhotoState.AWAITED, None
    _say(rebuilt, moment, began)
    click.echo(f"{brought} files of photos were brought back; {len(lost)} photos are awaited from their phones again.")
    if forgotten:
        click.echo(f"{forgotten} residents who had asked to be forgotten were forgotten again.")
    click.echo("If this is a newer release than the backup's: flask --app wsgi init. Then start web server and worker.")


def _move_aside(database: Path) -> None:
    """Keep what is there under another name; refuse while a process has it open, which would go on writing into that."""
    db.session.remove()
    db.engine.dispose()
    if not _is_ours_alone(database):
        database.with_name(database.name + ".restored").unlink(missing_ok=True)
        raise click.ClickException("Web server or worker still runs. Stop both first. Nothing was changed.")
    stamp = system_clock().strftime("%Y%m%dT%H%M%SZ")
    for suffix in ("", "-wal", "-shm", ".backup"):
        path = database.with_name(database.name + suffix)
        if path.exists():
            path.rename(path.with_name(f"{path.name}.before-{stamp}"))


def _is_ours_alone(database: Path) -> bool:
    with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return False
        connection.execute("ROLLBACK")
    return True


def _say(rebuilt: Rebuilt, moment: datetime, began: float) -> None:
    newest = f"the last thing it knows happened at {rebuilt.newest:%Y-%m-%d %H:%M:%S} UTC" if rebuilt.newest else "it is empty"
    click.echo(f"Put back to {moment:%Y-%m-%d %H:%M:%S} UTC from {rebuilt.chain}: {newest} ({perf_counter() - began:.1f} s).")
