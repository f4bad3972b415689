"""The planner's fast engine, for the processes that plan: importing it costs half a second and 100 MB."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from crew_app.adapters.roads import graph_file, open_roads


def use_compiled_engine(app: Flask) -> None:
    """Compile the planner and the road search, or load them from their cache, and use them from then on."""
    compiled = import_module("dispatch.compiled")  # here, not above: a web process never plans and should not pay for it
    app.extensions["dispatch_engine"] = compiled.compile_ahead()
    roads = graph_file(app.config["INSTANCE"])
    if not app.config["ROADS"] and roads.exists():
        search = import_module("dispatch.road_compiled").compile_ahead()
        app.extensions["legs_of"] = open_roads("", roads, search)
