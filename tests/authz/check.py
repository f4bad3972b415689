"""Ask the real app for every line of table.py as every one of its people, and compare what it says.

Each request meets the same town: whatever it changed is put back from a copy of the database before the next.
"""

from __future__ import annotations

import io
import math
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select
from table import COLUMNS, ROWS
from town import build_town
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from config import TestConfig
from crew_app.adapters.basemap import HEADER_BYTES, MAGIC, basemap_file
from crew_app.doors import WORD
from crew_app.extensions import db
from crew_app.factory import create_app
from crew_app.models import Door, SignIn
from crew_app.routes.case_deeds import DEEDS
from crew_app.services.sign_ins import begin_sign_in
from crew_app.transaction import transaction

REFUSALS = ("in", "no", "--")
AUTOMATIC = ("HEAD", "OPTIONS")  # Flask answers them with the route's GET, or by itself


@dataclass
class Findings:
    """`cells` were asked; `wrong` say what was answered otherwise; `uncovered` are routes, methods and deeds without a line."""

    cells: int = 0
    wrong: list[str] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)
    routes: int = 0


class Town:
    """The app on a database that can be put back."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "crew311.sqlite"
        self.kept = folder / "kept.sqlite"
        self.app = create_app(TestConfig(folder, DATABASE_URL=f"sqlite:///{self.path}"))
        basemap_file(folder).write_bytes(MAGIC.ljust(HEADER_BYTES, b"\0"))
        with self.app.app_context():
            upgrade()
            with transaction() as tx:
                self.names = build_town(tx)
                self.words = {name: begin_sign_in(tx, int(self.names[f"{name}_person"]), Door.OFFICE) for name in COLUMNS[1:]}
                self.names["crew_sign_in"] = str(tx.session.scalars(select(SignIn.id).order_by(SignIn.id)).first())
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._let_go()
        shutil.copyfile(self.path, self.kept)

    def ask(self, column: str, method: str, address: str, request: dict[str, Any]) -> tuple[TestResponse, bool]:
        """What the app answers this person, and whether anything is written now that was not before."""
        client = self.app.test_client()
        if column != "nobody":
            with client.session_transaction() as session:
                session[WORD] = self.words[column]
        self.app.extensions["rate_limits"].forget_whole(math.inf)  # how often is another question
        sent = {name: _filled(value, self.names) for name, value in request.items()}
        if "json" in sent:
            sent["json"] = _with_numbers(sent["json"])
        if "form" in sent:
            sent["data"] = sent.pop("form")
        if "file" in sent:
            name, content = sent.pop("file")
            sent["data"] = {name: (io.BytesIO(content.encode()), "file")}
        with closing(sqlite3.connect(self.path)) as watcher:
            before = _version(watcher)
            answer = client.open(_filled(address, self.names), method=method, **sent)
            if not address.endswith("/stream"):  # which goes on for ever
                answer.get_data()
            answer.close()
            has_changed = _version(watcher) != before
        if has_changed:
            self._put_back()
        return answer, has_changed

    def _put_back(self) -> None:
        self._let_go()
        for ending in ("-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.path)

    def _let_go(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


def check(folder: Path) -> Findings:
    """Every cell of the table, and every route that has none."""
    with _town(folder) as town:
        findings = Findings(uncovered=uncovered(town.app, town.names))
        findings.routes = len({(rule.endpoint, method) for rule in town.app.url_map.iter_rules() for method in _methods(rule)})
        for address, cells, request in ROWS:
            method, path = address.split()
            expected = cells.replace("|", " ").split()
            if len(expected) != len(COLUMNS):
                findings.wrong.append(f"{address}: {len(expected)} cells, and there are {len(COLUMNS)} columns")
                continue
            for column, cell in zip(COLUMNS, expected, strict=True):
                findings.cells += 1
                answer, has_changed = town.ask(column, method, path, request)
                if (got := _cell(answer)) != cell:
                    findings.wrong.append(f"{address} as {column}: {cell} expected, {got} answered ({answer.status_code})")
                elif cell in REFUSALS and has_changed:
                    findings.wrong.append(f"{address} as {column}: refused, and yet something was written")
        return findings


def uncovered(app: Flask, names: dict[str, str]) -> list[str]:
    """Routes no line of the table asks for; and, for the one route that does many things, each of them."""
    addresses = app.url_map.bind("localhost")
    covered = set()
    deeds = set()
    for address, _, _ in ROWS:
        method, path = address.split()
        try:
            endpoint, values = addresses.match(_filled(path, names), method=method)
        except HTTPException:
            continue  # its cells will say that there is nothing
        rule = next(rule for rule in app.url_map.iter_rules(endpoint) if set(values) == rule.arguments and method in _methods(rule))
        covered.add((rule.rule, method))
        if endpoint == "case_page.act":
            deeds.add(values["name"])
    routes = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in _methods(rule)}
    return [f"{method} {rule}" for rule, method in sorted(routes - covered)] + [
        f"POST /console/cases/<number>/{deed}" for deed in sorted(set(DEEDS) - deeds)
    ]


@contextmanager
def _town(folder: Path) -> Iterator[Town]:
    town = Town(folder)
    try:
        yield town
    finally:
        town._let_go()


def _methods(rule: Any) -> set[str]:
    return {m for m in rule.methods if m not in AUTOMATIC or (m == "OPTIONS" and not rule.provide_automatic_options)}


def _filled(value: Any, names: dict[str, str]) -> Any:
    """The same with {names} replaced, however deep."""
    if isinstance(value, str):
        for name, meant in names.items():
            value = value.replace("{" + name + "}", meant)
        return value
    if isinstance(value, dict):
        return {key: _filled(inner, names) for key, inner in value.items()}
    return type(value)(_filled(inner, names) for inner in value) if isinstance(value, list | tuple) else value


def _with_numbers(value: Any) -> Any:
    """The same, an id as JSON has it: a number."""
    if isinstance(value, dict):
        return {key: _with_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_numbers(inner) for inner in value]
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _version(connection: sqlite3.Connection) -> int:
    """Another number once somebody else has written."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _cell(answer: TestResponse) -> str:
    """What the answer means, in the table's words; its status where the table has no word for it."""
    way_in = answer.status_code == 302 and urlsplit(answer.headers["Location"]).path == "/sign-in"
    if answer.status_code == 401 or way_in:
        return "in"
    if answer.status_code < 400:
        return "ok"
    return {403: "no", 404: "--"}.get(answer.status_code, str(answer.status_code))
