from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import select

from crew_app.errors import Problem
from crew_app.extensions import db
from crew_app.models import ApiKey
from crew_app.services.api_keys import make_api_key, revoke_api_key
from crew_app.transaction import transaction

api_keys = AppGroup("api-keys", help="Keys for programs that report cases through Open311.")


@api_keys.command("make")
@click.argument("name")
@click.option("--contact", default="", help="Whom to ask about it.")
@click.option("--per-minute", default=120, show_default=True, help="Requests it may make in a minute.")
def make(name: str, contact: str, per_minute: int) -> None:
    """Make a key. It is shown once and cannot be read again."""
    try:
        with transaction() as tx:
            _, words = make_api_key(tx, name, contact, per_minute)
    except Problem as problem:
        raise click.ClickException(problem.detail) from None
    click.echo(words)


@api_keys.command("list")
def list_() -> None:
    """Show which there are."""
    for key in db.session.scalars(select(ApiKey).order_by(ApiKey.id)):
        state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else f"{key.per_minute} a minute"
        click.echo(f"{key.id:4d}  {key.begins_with}…  {key.made_at:%Y-%m-%d}  {state:20}  {key.name}  {key.contact}")


@api_keys.command("revoke")
@click.argument("key_id", type=int)
def revoke(key_id: int) -> None:
    """Refuse a key from now on; the cases it opened stay."""
    try:
        with transaction() as tx:
            name = revoke_api_key(tx, key_id).name
    except Problem as problem:
        raise click.ClickException(problem.detail) from None
    click.echo(f"The key of {name} is refused from now on.")
