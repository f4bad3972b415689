"""Every route is in /openapi.json, or left out for a reason; nothing is said of a route that is gone."""

from __future__ import annotations

from flask import Flask

from crew_app.routes.openapi import doors_of
from crew_app.wire.openapi import is_left_out, plain_path
from crew_app.wire.openapi_said import LEFT_OUT, SAID


def test_every_route_is_in_it_or_left_out_for_a_reason(app: Flask) -> None:
    doors = doors_of(app)
    loose = [door for door in doors if not is_left_out(door.endpoint) and door.endpoint not in SAID]
    assert not loose, f"say in crew_app/wire/openapi_said.py what these do: {loose}"
    assert all(len(reason) > 10 for reason in LEFT_OUT.values())
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    for door in doors:
        assert (door.method.lower() in paths.get(plain_path(door.rule), {})) is not is_left_out(door.endpoint), door


def test_nothing_is_said_of_what_is_not_there(app: Flask) -> None:
    endpoints = {door.endpoint for door in doors_of(app)}
    blueprints = {endpoint.split(".")[0] for endpoint in endpoints}
    assert not set(SAID) - endpoints
    assert not set(LEFT_OUT) - endpoints - blueprints
    assert not [endpoint for endpoint in SAID if is_left_out(endpoint)], "said and left out"
