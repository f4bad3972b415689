from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext


@click.command()
@with_appcontext
def worker() -> None:
    """Run what happens beside the web server: dispatch, photos, notices."""
    consumer = current_app.extensions["huey"].create_consumer(workers=1, initial_delay=0.1, max_delay=0.5, check_worker_health=True)
    click.echo("The worker is running. Stop it with Ctrl-C.")
    consumer.run()
