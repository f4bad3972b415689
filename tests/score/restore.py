"""score-restore: a city under load is put back to a random second. Of what was acknowledged by then all is there, of what was
written later nothing, and every photo is whole.

    python tests/score/restore.py                     40 s of load, 5 moments
    python tests/score/restore.py --seconds 600 --moments 50

Phones work against the real server; every few seconds (as the worker does every minute) the backup goes on, sealed. Then the
server is killed, its folder is gone, and `flask restore` makes the city anew in an empty one, once for each moment.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pyrage
from field_phone import FieldPhone, Ledger
from live_server import ROOT, LiveServer, adopt_orphans
from scoreline import Score
from seeded_city import CitySpec, seed_city

from config import Config
from crew_app.factory import create_app
from crew_app.services.backups import backup_folder, copy_all_photos, keep_the_minute

PHONES, EVERY_S = 8, 3.0


def work_and_keep(folder: Path, seconds: float, seed: int, score: Score) -> tuple[float, float, float]:
    """Phones work for so long while the backup goes on; returns when the first and the last backup began, and the killing."""
    ledger = Ledger(folder / "ledger.jsonl")
    app = create_app(Config())
    kept: list[float] = []
    with closing(LiveServer(folder)) as server:
        server.start()
        phones = [FieldPhone(number, server.port, ledger, seed, photos_in=0.2) for number in range(1, PHONES + 1)]
        for phone in phones:
            phone.start()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            kept.append(time.time())
            with app.app_context():  # one for each time, as a job has
                backups = backup_folder()
                assert backups
                keep_the_minute(backups, datetime.now(UTC))
                copy_all_photos(backups)
            time.sleep(max(0.0, EVERY_S - (time.time() - kept[-1])))
        killed = time.time()
        server.kill()
        for phone in phones:
            phone.going = False
    for phone in phones:
        phone.join(20)
    ledger.close()
    score.say(
        f"{len(kept)} backups while {ledger.counts['acknowledged']} deeds were acknowledged; the server is killed, its disk gone"
    )
    return kept[0], kept[-1], killed


def restore(target: Path, moment: float, key: Path) -> float:
    """Run the command as an engineer would; returns the seconds it took."""
    environment = {**os.environ, "INSTANCE": str(target)}
    when = datetime.fromtimestamp(moment, UTC).isoformat()
    began = time.monotonic()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "restore", "--to", when, "--key", str(key)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return time.monotonic() - began


def check(target: Path, ledger: Path, moment: float, slack_s: float) -> dict[str, int]:
    """Read the restored city by itself. `slack_s`: how long before its acknowledgement a deed may have been written."""
    acknowledged, photos = {}, {}
    for line in ledger.read_text().splitlines():
        entry = json.loads(line)
        if entry["what"] == "acknowledged":
            acknowledged.setdefault(entry["operation"], entry["at"])
        elif entry["what"] == "complete":
            photos[entry["sha256"]] = entry["at"]
    with closing(sqlite3.connect(target / "crew311.sqlite")) as database:
        there = {row[0] for row in database.execute("SELECT id FROM operations")}
        limit = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        later = database.execute("SELECT count(*) FROM event_log WHERE at > ?", (limit,)).fetchone()[0]
        verified = {row[0] for row in database.execute("SELECT sha256 FROM photos WHERE verified_at IS NOT NULL")}
    wanted = {operation for operation, at in acknowledged.items() if at <= moment}
    unwanted = {operation for operation, at in acknowledged.items() if at > moment + slack_s}
    damaged = 0
    for digest in verified:
        path = target / "photos" / digest[-2:] / f"{digest}.original"
        damaged += not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != digest
    return {
        "acknowledged_by_then": len(wanted),
        "lost": len(wanted - there),
        "later_present": len(unwanted & there) + later,
        "photos": len(verified),
        "photos_missing": len({digest for digest, at in photos.items() if at <= moment} - verified),
        "photos_damaged": damaged,
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=40)
    options.add_argument("--moments", type=int, default=5)
    options.add_argument("--cases", type=int, default=2500, help="for each of the phones")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = options.parse_args()
    score = Score(
        "score-restore", "put back to a random second: acknowledged and lost, or later and present, or a photo not whole: 0"
    )
    score.say(f"seed {given.seed}")
    adopt_orphans()
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="crew311-restore-score-") as temporary:
        folder, key = Path(temporary) / "city", pyrage.x25519.Identity.generate()
        folder.mkdir()
        key_file = Path(temporary) / "key.txt"
        key_file.write_text(str(key))
        os.environ |= {"INSTANCE": str(folder), "BACKUP_FOLDER": f"{temporary}/elsewhere", "BACKUP_KEY": str(key.to_public())}
        os.environ.pop("DATABASE_URL", None)
        seed_city(folder, CitySpec(PHONES, given.cases, given.seed))
        first, last, killed = work_and_keep(folder, given.seconds, given.seed, score)
        plain = [
            path for path in (Path(temporary) / "elsewhere").rglob("*") if path.is_file() and b"@city.test" in path.read_bytes()
        ]
        if plain:
            score.fail(f"{len(plain)} files of the backup can be read without its key")
        totals: dict[str, int] = {}
        slowest = 0.0
        for number in range(given.moments):
            moment = chance.uniform(first + 1, last)
            target = Path(temporary) / f"restored-{number}"
            target.mkdir()
            slowest = max(slowest, restore(target, moment, key_file))
            found = check(target, folder / "ledger.jsonl", moment, slack_s=2.0)
            score.say(f"{moment - first:5.1f} s after the first backup: {found}")
            totals = {name: totals.get(name, 0) + count for name, count in found.items()}
        wrong = sum(totals[name] for name in ("lost", "later_present", "photos_missing", "photos_damaged"))
        if wrong:
            score.fail(f"{wrong} wrong: {totals}")
        if not totals["acknowledged_by_then"] or not totals["photos"]:
            score.fail("nothing was at stake")
        return score.finish(
            wrong,
            totals["acknowledged_by_then"] + totals["photos"],
            **totals,
            moments=given.moments,
            rpo_s=round(killed - last, 1),
            rpo_of_the_worker_s=60,
            rto_s=round(slowest, 1),
        )


if __name__ == "__main__":
    sys.exit(main())
