"""`/openapi.json`: the surface as programs read it, made from the routes as they are bound."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, jsonify

from crew_app.wire.openapi import Door, openapi_body

bp = Blueprint("openapi", __name__)

BESIDE = ("HEAD", "OPTIONS")  # what Flask adds by itself


def doors_of(app: Flask) -> list[Door]:
    """Every route of the app and method of it, in a settled order."""
    return sorted(
        (
            Door(rule.rule, method, rule.endpoint)
            for rule in app.url_map.iter_rules()
            for method in ((rule.methods or set()) - set(BESIDE) or {"OPTIONS"})
        ),
        key=lambda door: (door.rule, door.method),
    )


@bp.get("/openapi.json")
def description() -> Response:
    config = current_app.config
    answer = jsonify(openapi_body(doors_of(current_app), config["CITY_NAME"], config["PUBLIC_URL"]))
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer
