"""Signing in without a password: three hundred good hashes would be slow."""

from __future__ import annotations

from contextlib import nullcontext

from flask import has_app_context
from flask.testing import FlaskClient

from crew_app.doors import WORD
from crew_app.models import Door, Proof
from crew_app.services.sign_ins import begin_sign_in
from crew_app.transaction import transaction


def sign_in(client: FlaskClient, person_id: int, door: Door = Door.OFFICE, proof: Proof = Proof.PASSWORD) -> FlaskClient:
    """The same client, with the session that signing in would have given it. From any thread."""
    # Of the test's own context if there is one: what its session read before would be stale otherwise.
    with nullcontext() if has_app_context() else client.application.app_context(), transaction() as tx:
        word = begin_sign_in(tx, person_id, door, proof)
    with client.session_transaction() as session:
        session[WORD] = word
    return client
