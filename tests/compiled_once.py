"""What the applications of one test process compile alike, they compile once: routes, SQL and page templates.

Each test has an application, a database and a folder of its own; what differs between them is never kept here.
Over four files of tests (144 tests), more than a third of the processor time was the same compilations again.
"""

from __future__ import annotations

import tempfile
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from werkzeug.routing import Rule

_build = Rule._compile_builder
_built: dict[tuple[Any, ...], Any] = {}
_engines: dict[str, Engine] = {}


def _build_once(rule: Rule, append_unknown: bool = True) -> Any:
    """A rule without defaults is built from its trace alone; its converters are asked when it is called."""
    if rule.defaults:
        return _build(rule, append_unknown)
    key = (rule.rule, tuple(rule._trace), append_unknown)
    if key not in _built:
        _built[key] = _build(rule, append_unknown)
    return _built[key]


Rule._compile_builder = _build_once  # type: ignore[method-assign]


def share_compiled(app: Flask, engine: Engine) -> None:
    """Let this application, before its first request, use what the process has compiled for others."""
    first = _engines.setdefault(engine.dialect.name, engine)
    # The cache is keyed by the dialect, which knows the kind of database and its version, not the database.
    engine.dialect = engine.pool._dialect = first.dialect
    engine._compiled_cache = first._compiled_cache
    app.jinja_env.bytecode_cache = _templates


_folder = tempfile.TemporaryDirectory(prefix="crew311-templates-", ignore_cleanup_errors=True)
_templates = FileSystemBytecodeCache(_folder.name)
