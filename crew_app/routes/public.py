"""Residents: report a problem, follow a case. And the door through which the city's people come in."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("public", __name__)


@bp.get("/")
def home() -> str:
    return "Crew311"


@bp.get("/sign-in")
def sign_in() -> str:
    return "sign in"
