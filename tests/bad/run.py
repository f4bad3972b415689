"""Ask a small city n bad things, and keep count."""

from __future__ import annotations

import gc
import itertools
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent / "authz")]

from doors import Town, every_input  # noqa: E402
from flask import g  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from town import build_town  # noqa: E402

from config import TestConfig  # noqa: E402
from crew_app.extensions import db  # noqa: E402
from crew_app.factory import create_app  # noqa: E402
from crew_app.services.assignments import assign_case  # noqa: E402
from crew_app.services.cases import NewReport, open_case  # noqa: E402
from crew_app.transaction import transaction  # noqa: E402
from tests.cookies import sign_in  # noqa: E402

HANGS_AFTER_S = 2.0  # of the server's own work, whatever else the machine does


@dataclass
class Counted:
    tried: int = 0
    mistakes: list[str] = field(default_factory=list)  # 5xx
    hangs: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    compared: int = 0
    grown_mb: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)


def ask_all(folder: Path, database_url: str, n: int, seed: int, say: Callable[[str], None] = lambda _: None) -> Counted:
    app = create_app(TestConfig(folder, DATABASE_URL=database_url))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.logger.setLevel(logging.CRITICAL)
    app.extensions["rate_limits"].wait_s = lambda *_: None  # how often is another question
    counted = Counted()
    with app.app_context():
        upgrade()
        with transaction() as tx:
            names = build_town(tx)

        def new_job() -> tuple[int, int]:
            with transaction() as tx:
                opened = open_case(tx, NewReport(service_code="pothole", latitude=42.35, longitude=-71.1))
                case = assign_case(tx, opened.id, int(names["crew_1_id"]), int(names["dispatcher_person"]))
                return case.id, case.round

        crew, office = (sign_in(app.test_client(), int(names[f"{who}_person"])) for who in ("crew", "dispatcher"))
        town = Town(app.test_client(), crew, office, names["api_key"], names["waiting"], new_job)
        warm = max(200, min(2000, n // 4))
        before = 0.0
        for ask in itertools.islice(every_input(seed), n):
            g.pop("_login_user", None)
            g.pop("sign_in", None)
            if counted.tried == warm:
                before = resident_mb()
            began = time.thread_time()
            tried = ask(town)
            took = time.thread_time() - began
            status = tried.answer.status_code
            what = (
                f"{ask.__qualname__}{ask.__defaults__}"[:200]
                if status >= 500 or tried.is_equal is False or took > HANGS_AFTER_S
                else ""
            )
            counted.tried += 1
            counted.statuses[status] = counted.statuses.get(status, 0) + 1
            if status >= 500:
                counted.mistakes.append(f"{status}: {what}")
            if took > HANGS_AFTER_S:
                counted.hangs.append(f"{took:.1f} s: {what}")
            counted.compared += tried.is_equal is not None
            if tried.is_equal is False:
                counted.unequal.append(what)
            if counted.tried % 5000 == 0:
                say(f"{counted.tried} asked, {resident_mb() - before:+.0f} MB since the first {warm}")
        db.session.remove()
        gc.collect()
        counted.grown_mb = resident_mb() - before
        db.engine.dispose()
    return counted


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6
