from __future__ import annotations

from time import perf_counter

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import inspect

from crew_app.adapters.dispatch_engine import use_compiled_engine
from crew_app.demo.load import DEMO_SEED, holds_a_city, load_demo
from crew_app.demo.people import DEMO_PASSWORD, DEMO_SIGN_INS, SignIn
from crew_app.extensions import db
from crew_app.subscribers import SUBSCRIBERS
from crew_app.transaction import system_clock

__all__ = ["DEMO_PASSWORD", "DEMO_SIGN_INS", "SignIn", "demo"]


@click.command()
@click.option("--seed", default=DEMO_SEED, show_default=True, help="Another number makes another city.")
@click.option("--if-empty", is_flag=True, help="Do nothing, and say nothing against it, if there is a city already.")
@with_appcontext
def demo(seed: int, if_empty: bool) -> None:
    """Fill an empty database with a believable Boston of made-up cases."""
    if not inspect(db.engine).has_table("cases"):
        raise click.ClickException("The database has no tables yet. First: flask --app wsgi init")
    if holds_a_city(db.session):
        if if_empty:
            return
        raise click.ClickException(
            "This database holds a city already. The demo fills an empty one only, so that it can never overwrite a real one. "
            "To throw the demo away and begin anew: make reset"
        )
    began = perf_counter()
    if current_app.config["DISPATCH_POLICY"] == "planned":
        use_compiled_engine(current_app)  # a plan for 66 crews is no work for the interpreted one
    click.echo("Making a demo city: Boston's departments and services, cases that never happened ...")
    loaded = load_demo(system_clock(), [subscriber.name for subscriber in SUBSCRIBERS], seed)
    click.echo(
        f"{loaded.open} open cases, {loaded.in_hand} of them with a crew; {loaded.closed} closed; {loaded.photos} photos "
        f"({perf_counter() - began:.0f} s).\n"
    )
    for sign_in in DEMO_SIGN_INS:
        click.echo(f"  {sign_in.role_in_words:<24} {sign_in.email:<26} {sign_in.password}")
