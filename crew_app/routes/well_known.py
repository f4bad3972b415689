"""What lies at agreed addresses (RFC 8615): where to write about a hole in the city's security (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, current_app

from crew_app.errors import NotFound
from crew_app.transaction import system_clock

bp = Blueprint("well_known", __name__)

# Said anew with each answer: a server that is switched off does not go on promising.
HOLDS = timedelta(days=90)


@bp.get("/security.txt")
def security_txt() -> Response:
    contact = current_app.config["SECURITY_CONTACT"]
    if not contact:
        raise NotFound("This city has not said whom to write to.")
    expires = (system_clock() + HOLDS).strftime("%Y-%m-%dT00:00:00Z")
    address = current_app.config["PUBLIC_URL"].rstrip("/")
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires}",
        f"Canonical: {address}/.well-known/security.txt",
        "Preferred-Languages: en",
    )
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
