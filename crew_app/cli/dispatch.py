from __future__ import annotations

from collections import Counter
from time import perf_counter

import click
from flask import current_app
from flask.cli import with_appcontext

from crew_app.adapters.dispatch_engine import use_compiled_engine
from crew_app.subscribers.dispatch import run_dispatch
from crew_app.wire.explanations import WAITING_WORDS


@click.command()
@with_appcontext
def dispatch() -> None:
    """Give waiting cases to crews now, by the city's policy (DISPATCH_POLICY)."""
    policy = current_app.config["DISPATCH_POLICY"]
    if policy == "planned":
        use_compiled_engine(current_app)
    began = perf_counter()
    done = run_dispatch(is_thorough=True)
    seconds = perf_counter() - began
    click.echo(f"{done.given} cases assigned, {done.moved} moved, {len(done.waiting)} still waiting ({policy}, {seconds:.1f} s).")
    for why, count in Counter(still.why for still in done.waiting).most_common():
        click.echo(f"  {count:6d}  {WAITING_WORDS[why]}")
