from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import select

from crew_app.adapters.web_push import make_key
from crew_app.models import Person, Role
from crew_app.services.people import add_person
from crew_app.transaction import transaction


@click.command()
@click.option("--admin", "email", help="E-mail address of the first administrator.")
@click.password_option("--password", help="Asked for if not given.", default="", prompt=False)
@with_appcontext
def init(email: str | None, password: str) -> None:
    """Bring the database to the newest schema, make the key for web push; with --admin, make the first administrator."""
    upgrade()
    click.echo("The database is at the newest schema.")
    if make_key(current_app.config["VAPID_KEY_FILE"]):
        click.echo("The key that names this server to push services is made.")
    if not email:
        return
    password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with transaction() as tx:
        if tx.session.scalar(select(Person.id).where(Person.role == Role.ADMIN)) is not None:
            raise click.ClickException("There is an administrator already; only they can make others.")
        add_person(tx, email, email.split("@")[0], password, Role.ADMIN)
    click.echo(f"{email} is the administrator.")
