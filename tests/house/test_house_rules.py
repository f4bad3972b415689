"""Rules that keep the house easy to read: one commit, one gate, every door with its guard."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from flask import Flask

sys.path.insert(0, str(Path(__file__).parent))

from modules import ROOT, modules

from crew_app import guards
from crew_app.events import EVENTS
from crew_app.routes import BLUEPRINTS
from crew_app.subscribers import SUBSCRIBERS


def calls(name: str) -> list[str]:
    return [
        f"{module}:{node.lineno}"
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]


def test_there_is_one_commit() -> None:
    found = calls("commit")
    assert [place.split(":")[0] for place in found] == ["crew_app.transaction"], found


def test_services_do_not_open_transactions() -> None:
    wrong = [
        f"{module}:{node.lineno}"
        for module, tree in modules().items()
        if module.startswith(("crew_app.services", "crew_app.queries", "crew_app.mapping", "crew_app.wire"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "transaction"
    ]
    assert not wrong, f"the edge opens the transaction: {wrong}"


def test_every_blueprint_is_in_the_table_and_has_a_guard(app: Flask) -> None:
    assert set(app.blueprints) == {blueprint.name for blueprint, _, _ in BLUEPRINTS}
    for blueprint, _, guard in BLUEPRINTS:
        assert app.before_request_funcs[blueprint.name][0] is guard
        assert getattr(guards, guard.__name__) is guard, "guards live in guards.py"


def test_every_route_belongs_to_a_blueprint(app: Flask) -> None:
    loose = [rule.rule for rule in app.url_map.iter_rules() if "." not in rule.endpoint]
    assert not loose


def test_every_request_that_changes_something_is_checked_for_its_origin(app: Flask) -> None:
    assert guards.refuse_cross_site in app.before_request_funcs[None]


def test_every_action_has_somebody_who_may() -> None:
    assert set(guards.MAY) == set(guards.Action)


def test_subscribers_have_names_of_their_own_and_hear_known_events() -> None:
    names = [subscriber.name for subscriber in SUBSCRIBERS]
    assert len(set(names)) == len(names)
    assert all(kind in EVENTS for subscriber in SUBSCRIBERS for kind in subscriber.kinds)


def test_incoming_forms_and_bodies_refuse_unknown_fields() -> None:
    """marshmallow refuses them by default; nobody may switch that off (mass assignment, safety.md T6)."""
    wrong = [
        f"{module}:{node.lineno}"
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
        and (getattr(node, "id", "") or getattr(node, "attr", "")) in ("EXCLUDE", "INCLUDE")
    ]
    assert not wrong, wrong


def test_no_file_names_one_machine() -> None:
    of_somebody = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+)/")
    wrong = [
        str(path.relative_to(ROOT))
        for folder in ("sync", "dispatch", "crew_app", "docs", "pwa/src", "bench")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in (".py", ".ts", ".tsx", ".md", ".html", ".css")
        if str(ROOT) in (text := path.read_text()) or of_somebody.search(text)
    ]
    assert not wrong
