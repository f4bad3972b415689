from __future__ import annotations

from time import perf_counter

import click
from flask import current_app
from flask.cli import with_appcontext

from crew_app.services.backups import backup_folder, begin_chain, copy_all_photos, drop_old_chains, sqlite_file
from crew_app.transaction import system_clock


@click.command()
@with_appcontext
def backup() -> None:
    """Begin a fresh backup in BACKUP_FOLDER, while the city works: the whole database, and each photo not kept there yet.

    With BACKUP_FOLDER set the worker adds every minute what is new, and begins afresh each night.
    """
    backups, now, began = backup_folder(), system_clock(), perf_counter()
    if backups is None:
        raise click.ClickException("Say where to: BACKUP_FOLDER=/path/to/another/disk flask --app wsgi backup")
    photos = copy_all_photos(backups)
    if sqlite_file() is None:
        click.echo(f"{photos} files of photos are new. PostgreSQL itself is backed up by its own tools: docs/operations.md")
        return
    chain = begin_chain(backups, now)
    dropped = drop_old_chains(backups, now, current_app.config["BACKUP_DAYS"])
    sealed = "sealed" if backups.recipient else "not sealed (BACKUP_KEY)"
    click.echo(f"{chain}: the database, {photos} new files of photos, {sealed}, {perf_counter() - began:.1f} s.")
    if dropped:
        click.echo(f"{len(dropped)} older than {current_app.config['BACKUP_DAYS']} days removed.")
