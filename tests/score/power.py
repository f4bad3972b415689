"""score-power: the power fails at a random moment. Crash states that lose what was acknowledged: 0 of n.

    python tests/score/power.py                    1,200 states, and two planted faults that must lose some
    python tests/score/power.py --states 100000

The real server runs under strace while phones close cases and send photos. Its trace is cut at random places; from what
had been flushed by then, and a random part of what had not, crash states are made (crash_states.py). Each is opened as
SQLite would after the power is back, and held against what the phones had been told by then.
"""

from __future__ import annotations

import argparse
import bisect
import json
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from crash_states import CrashState, Disk, Replay, Survival, read_calls, strace_command
from field_phone import FieldPhone, Ledger
from live_server import LiveServer
from scoreline import Score
from seeded_city import CitySpec, seed_city

PHONES = 4
DATABASE = "crew311.sqlite"
# The job queue is only an alarm clock (the relay's timer finds what it forgets); -shm is made anew from the -wal.
IGNORED = re.compile(r"^(jobs\.sqlite.*|.*-shm|.*\.writer|.*\.relay|server\.log|ledger\.jsonl|secret_key|gunicorn.*|wgunicorn.*)$")
PLANTED = ("forget-to-flush", "forget-to-flush-photos")


class CannotTrace(Exception):
    """There is no strace here, or it may not trace."""


@dataclass
class Recording:
    """What happened in one run: the disk before it, the trace, what the phones were told, the pictures they took."""

    folder: Path
    before: Path
    trace: Path
    ledger: Path
    pictures: Path


@dataclass
class Told:
    """What one answer told a phone, and the line of the trace in which its sending began."""

    line: int
    what: str
    fact: dict[str, object]


@dataclass
class Losses:
    states: int = 0
    bad_states: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    most_told: int = 0
    survivals: Counter[str] = field(default_factory=Counter)

    def add(self, broken: list[tuple[str, str]]) -> None:
        self.states += 1
        self.bad_states += bool(broken)
        for kind in {kind for kind, _ in broken}:
            self.kinds[kind] += 1
        for kind, words in broken:
            self.examples.setdefault(kind, words)


def assert_traceable() -> None:
    if not shutil.which("strace"):
        raise CannotTrace("strace is not installed (Debian: apt-get install strace)")
    tried = subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise CannotTrace(f"strace may not trace here: {tried.stderr.strip()[:200]}")


def record(folder: Path, seconds: float, seed: int, sabotage: str) -> Recording:
    """Let phones work against a traced server."""
    city, before, pictures = folder / "city", folder / "before", folder / "pictures"
    pictures.mkdir()
    seed_city(city, CitySpec(PHONES, 250, seed))
    shutil.copytree(city, before)
    recording = Recording(city, before, folder / "trace", folder / "ledger.jsonl", pictures)
    ledger = Ledger(recording.ledger)
    with closing(LiveServer(city, None, sabotage, strace_command(str(recording.trace)))) as server:
        server.start()
        phones = [FieldPhone(n, server.port, ledger, seed, photos_in=0.4, keep_in=pictures) for n in range(1, PHONES + 1)]
        for phone in phones:
            phone.start()
        until = time.monotonic() + seconds
        while time.monotonic() < until or not any(phone.has_jobs for phone in phones):
            time.sleep(0.1)
        for phone in phones:
            phone.going = False
        for phone in phones:
            phone.join(20)
    ledger.close()
    return recording


def read_disk(recording: Recording) -> Disk:
    disk = Disk(str(recording.folder))
    for path in sorted(recording.before.rglob("*")):
        name = str(path.relative_to(recording.before))
        if path.is_dir():
            disk.load_folder(name)
        elif not IGNORED.match(path.name):
            disk.load(name, path.read_bytes())
    return disk


def read_told(recording: Recording, replay: Replay) -> list[Told]:
    """What the phones learned, in the order in which the server began to say it."""
    told = []
    for line in recording.ledger.read_text().splitlines():
        fact = json.loads(line)
        if fact["what"] in ("acknowledged", "offset", "complete") and "port" in fact:
            told.append(Told(replay.answers[fact["port"], fact["answer"]], fact["what"], fact))
    return sorted(told, key=lambda one: one.line)


def replay_crashes(recording: Recording, states: int, seed: int) -> Losses:
    """Cut the trace `states` times, half of them at the very moment of an acknowledgement."""
    chance = random.Random(seed)
    disk = read_disk(recording)
    with open(recording.trace, errors="replace") as lines:
        replay = Replay(disk, read_calls(lines), IGNORED)
    told = read_told(recording, replay)
    lines_told = [one.line for one in told]
    first, last = lines_told[0], replay.steps[-1][0] if replay.steps[-1][0] < 2**62 else lines_told[-1]
    cuts = [chance.choice(lines_told) if chance.random() < 0.5 else chance.randint(first, last) for _ in range(states)]
    losses = Losses(most_told=len(told))
    pictures = {path.name: path.read_bytes() for path in recording.pictures.iterdir()}
    with tempfile.TemporaryDirectory(dir=fast_folder(), prefix="crew311-crash-") as folder:
        for number, cut in enumerate(replay.play(cuts)):
            survival = list(Survival)[number % len(Survival)]
            state = CrashState(disk, survival, chance)
            losses.add(list(broken_promises(state, told[: bisect.bisect_right(lines_told, cut)], pictures, Path(folder))))
            losses.survivals[survival] += 1
    return losses


def fast_folder() -> str | None:
    """Memory, if there is such a folder: thousands of small databases are written and read."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def broken_promises(state: CrashState, told: list[Told], pictures: dict[str, bytes], folder: Path) -> Iterator[tuple[str, str]]:
    """(kind, in words) of everything that was promised by then, or that the database now claims, and is not so."""
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-journal", f"{DATABASE}-shm"):
        content = None if name.endswith("-shm") else state.read(name)
        if content is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_bytes(content)
    try:
        with closing(sqlite3.connect(folder / DATABASE)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if answer != "ok":
                yield "corrupt database", answer
            verdicts = dict(connection.execute("SELECT id, verdict FROM operations"))
            effects = {row[0] for row in connection.execute("SELECT id FROM closures UNION SELECT operation_id FROM notes")}
            deeds = connection.execute("SELECT id, kind FROM operations").fetchall()
            columns = 'id, photo_id, sha256, "offset", completed_at'
            uploads = {row[0]: row for row in connection.execute(f"SELECT {columns} FROM uploads")}
    except sqlite3.DatabaseError as error:
        yield "corrupt database", str(error)
        return
    for operation_id, kind in deeds:
        if kind in ("close", "note") and operation_id not in effects:
            yield "half applied", f"operation {operation_id} is stored without its effect"
    yield from _lost(told, verdicts, uploads)
    yield from _false_claims(state, uploads, pictures)


def _lost(told: list[Told], verdicts: dict[str, str], uploads: dict[str, tuple]) -> Iterator[tuple[str, str]]:
    complete = {row[1] for row in uploads.values() if row[4]}
    for one in told:
        fact = one.fact
        if one.what == "acknowledged" and verdicts.get(str(fact["operation"])) != fact["verdict"]:
            yield "lost operation", f"operation {fact['operation']} was acknowledged"
        elif one.what == "offset" and (fact["upload"] not in uploads or uploads[str(fact["upload"])][3] < fact["offset"]):
            yield "lost bytes", f"upload {fact['upload']} was told to be at {fact['offset']}"
        elif one.what == "complete" and fact["photo"] not in complete:
            yield "lost photo", f"photo {fact['photo']} was acknowledged complete"


def _false_claims(state: CrashState, uploads: dict[str, tuple], pictures: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """The bytes that the database says are on disk, and that are not."""
    for upload_id, _photo, sha256, offset, completed_at in uploads.values():
        if completed_at:
            if state.read(f"photos/{sha256[-2:]}/{sha256}.original") != pictures[sha256]:
                yield "photo not in the store", f"photo with SHA-256 {sha256} is called complete"
        elif offset and not (state.read(f"photos/incoming/{upload_id}") or b"").startswith(pictures[sha256][:offset]):
            yield "incoming bytes missing", f"upload {upload_id} is called {offset} bytes long"


def measure(seconds: float, states: int, seed: int, sabotage: str, score: Score) -> Losses:
    with tempfile.TemporaryDirectory(prefix="crew311-power-") as folder:
        recording = record(Path(folder), seconds, seed, sabotage)
        score.say(f"{sabotage or 'as it is'}: traced {recording.trace.stat().st_size / 1e6:.0f} MB")
        losses = replay_crashes(recording, states, seed)
    score.say(
        f"{sabotage or 'as it is'}: {losses.bad_states} of {losses.states} crash states break a promise "
        f"({losses.most_told} answers told); {dict(losses.kinds)}"
    )
    return losses


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--states", type=int, default=1200)
    options.add_argument("--seconds", type=float, default=10, help="of work under the tracer")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = options.parse_args()
    score = Score("score-power", "crash states after a power cut that lose what was acknowledged, or are corrupt: 0")
    try:
        assert_traceable()
    except CannotTrace as reason:
        return score.finish(None, 0, skipped=str(reason))
    score.say(f"seed {given.seed}")
    honest = measure(given.seconds, given.states, given.seed, "", score)
    for kind, words in honest.examples.items():
        score.fail(f"{kind} in {honest.kinds[kind]} states, e.g. {words}")
    planted = {}
    for sabotage in PLANTED:
        losses = measure(given.seconds / 2, max(300, given.states // 4), given.seed, sabotage, score)
        planted[sabotage] = f"{losses.bad_states} of {losses.states} states: {dict(losses.kinds)}"
        if not losses.bad_states:
            score.fail(f"blind: the planted fault {sabotage} lost nothing")
    return score.finish(honest.bad_states, honest.states, answers_told=honest.most_told, planted=planted, seed=given.seed)


if __name__ == "__main__":
    sys.exit(main())
