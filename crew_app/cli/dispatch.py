from __future__ import annotations

from collections import Counter
from time import perf_counter

import click
from flask.cli import with_appcontext

from crew_app.services.assignments import assign_waiting
from crew_app.transaction import transaction
from crew_app.wire.explanations import WAITING_WORDS


@click.command()
@with_appcontext
def dispatch() -> None:
    """Give every waiting case to the nearest available crew of its department."""
    began = perf_counter()
    with transaction() as tx:
        plan = assign_waiting(tx)
    click.echo(f"{len(plan.assignments)} cases assigned, {len(plan.waiting)} still waiting ({perf_counter() - began:.1f} s).")
    for why, count in Counter(still.why for still in plan.waiting).most_common():
        click.echo(f"  {count:6d}  {WAITING_WORDS[why]}")
