"""The planner's fast engine, for the processes that plan: importing it costs half a second and 100 MB."""

from __future__ import annotations

from importlib import import_module

from flask import Flask


def use_compiled_engine(app: Flask) -> None:
    """Compile the planner, or load it from its cache, and use it from then on."""
    compiled = import_module("dispatch.compiled")  # here, not above: a web process never plans and should not pay for it
    app.extensions["dispatch_engine"] = compiled.compile_ahead()
