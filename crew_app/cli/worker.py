from __future__ import annotations

import threading

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from crew_app.adapters.dispatch_engine import use_compiled_engine


@click.command()
@with_appcontext
def worker() -> None:
    """Run what happens beside the web server: dispatch, photos, notices."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if app.config["DISPATCH_POLICY"] == "planned":
        # Beside the work: until the fast engine is ready, the slow one plans as well as it can.
        threading.Thread(target=use_compiled_engine, args=(app,), daemon=True).start()
    # Two: while one waits for a push service, the other dispatches.
    consumer = current_app.extensions["huey"].create_consumer(workers=2, initial_delay=0.1, max_delay=0.5, check_worker_health=True)
    click.echo("The worker is running. Stop it with Ctrl-C.")
    consumer.run()
