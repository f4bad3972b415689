"""The dispatcher's pages."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("console", __name__)


@bp.get("/")
def cases() -> str:
    return "cases"
