"""score-photo: every kind of picture over every way in, and pictures made to break whoever opens them.

Metadata left: 0 of all that is shown. Server mistakes: 0. Children that took too much were stopped: k of k.

python tests/photos/score.py                   200 hostile pictures
python tests/photos/score.py --hostile 6400    as many as one likes
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [
    str(HERE),
    str(HERE.parents[1]),
    str(HERE.parent / "score"),
    str(HERE.parent / "crew_app"),
    str(HERE.parent / "authz"),
]

from flask import Flask  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from phone import Phone  # noqa: E402
from pictures import OTHER_THAN_PICTURES, hostile, killers, left_over, with_metadata  # noqa: E402
from scoreline import Score  # noqa: E402
from town import build_town  # noqa: E402
from ways import WAYS, Sender, shown  # noqa: E402

from config import TestConfig  # noqa: E402
from crew_app.adapters import image_cleaner  # noqa: E402
from crew_app.adapters.image_cleaner import UnreadableImage, clean_image  # noqa: E402
from crew_app.extensions import db  # noqa: E402
from crew_app.factory import create_app  # noqa: E402
from crew_app.models import Case  # noqa: E402
from crew_app.relay import deliver_pending  # noqa: E402
from crew_app.services.assignments import assign_case  # noqa: E402
from crew_app.services.cases import NewReport, open_case  # noqa: E402
from crew_app.transaction import transaction  # noqa: E402
from tests.cookies import sign_in  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hostile", type=int, default=200)
    asked = parser.parse_args()
    score = Score(
        "photos: metadata left, mistakes of the server, decoders that were not stopped",
        f"every way in, {asked.hostile} hostile pictures",
    )
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(TestConfig(Path(folder), DATABASE_URL=f"sqlite:///{folder}/crew311.sqlite"))
        with app.app_context():
            upgrade()
            left, copies, ways, mistakes = metadata_left(app, score)
            db.session.remove()
            db.engine.dispose()
        tried, refused, stopped, wrong = break_it(Path(folder), asked.hostile, score)
    bad = left + mistakes + wrong
    details = {"copies": copies, "metadata_left": left, "ways_in": ways, "server_mistakes": mistakes, "server_restarts": 0}
    return score.finish(bad, copies + tried, **details, hostile=tried, refused=refused, decoders_stopped=stopped)


def metadata_left(app: Flask, score: Score) -> tuple[int, int, int, int]:
    with transaction() as tx:
        names = build_town(tx)
    app.extensions["rate_limits"].forget_whole(1e12)
    crew = int(names["crew_person"])

    def job() -> tuple[int, int]:
        with transaction() as tx:
            opened = open_case(tx, NewReport(service_code="pothole", latitude=42.35, longitude=-71.1))
            case: Case = assign_case(tx, opened.id, int(names["crew_1_id"]), int(names["dispatcher_person"]))
            return case.id, case.round

    sender = Sender(app.test_client(), Phone(sign_in(app.test_client(), crew)), names["api_key"], job)
    before = set(shown())
    mistakes = sent = 0
    for name, content in with_metadata().items():
        for way, send in WAYS.items():
            app.extensions["rate_limits"].forget_whole(1e12)
            answer = send(sender, content)
            sent += 1
            if answer.status_code >= 400:
                mistakes += 1
                score.fail(f"{name} by {way}: {answer.status_code}")
    while deliver_pending():
        pass
    made = {photo: copies for photo, copies in shown().items() if photo not in before}
    left = 0
    for photo, copies in made.items():
        found = [what for copy in copies for what in left_over(copy)] if len(copies) == 2 else ["not drawn"]
        if found:
            left += 1
            score.fail(f"photo {photo}: {found}")
    copies_made = sum(map(len, made.values()))
    score.say(
        f"metadata left {left} of {copies_made} copies: {len(with_metadata())} pictures over {len(WAYS)} ways in, {sent} sent"
    )
    return left, copies_made, len(WAYS), mistakes


def _write_all(folder: Path, n: int) -> list[str]:
    names = []
    for number, (name, content) in enumerate(itertools.chain(hostile(n), killers())):
        place = folder / f"hostile-{number}"
        place.mkdir()
        (place / "in").write_bytes(content)
        names.append(name)
    return names


def break_it(folder: Path, n: int, score: Score) -> tuple[int, int, int, int]:
    """(tried, refused, children stopped by their fence, wrong): each in a child of its own, two at a time."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:  # making them takes memory, too
        names = pool.submit(_write_all, folder, n).result()
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen: list[subprocess.CompletedProcess[bytes]] = []
    real = subprocess.run

    def watched(*args, **kwargs):
        try:
            done = real(*args, **kwargs)
        except subprocess.TimeoutExpired:
            seen.append(subprocess.CompletedProcess(args, -9, b"", b""))
            raise
        seen.append(done)
        return done

    image_cleaner.subprocess.run = watched  # type: ignore[attr-defined]

    def one(number: int, name: str) -> tuple[str, str, float]:
        place = folder / f"hostile-{number}"
        began = time.monotonic()
        try:
            found = [what for path in clean_image(place / "in", place).values() for what in left_over(path.read_bytes())]
            found += [str(mark) for path in place.glob("*.jpg") for mark in OTHER_THAN_PICTURES if mark in path.read_bytes()]
            verdict = f"WRONG: {found}" if found else "drawn"
        except UnreadableImage:
            verdict = "refused"
        except Exception as error:
            verdict = f"WRONG: {type(error).__name__}: {error}"
        return name, verdict, time.monotonic() - began

    try:
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(one, number, name) for number, name in enumerate(names)]
            results = [it.result() for it in waiting]
    finally:
        image_cleaner.subprocess.run = real  # type: ignore[attr-defined]
    wrong = 0
    for name, verdict, seconds in results:
        if verdict.startswith("WRONG") or seconds > image_cleaner.PATIENCE_S + 5:
            wrong += 1
            score.fail(f"{name}: {verdict} after {seconds:.0f} s")
    stopped = [done for done in seen if done.returncode < 0 or b"MemoryError" in done.stderr]
    growth_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
    if growth_mb > 50:
        wrong += 1
        score.fail(f"the parent grew by {growth_mb:.0f} MB")
    refused = sum(verdict == "refused" for _, verdict, _ in results)
    slowest = max(results, key=lambda it: it[2])
    score.say(
        f"hostile {len(results)}: refused {refused}, drawn anew and clean {len(results) - refused - wrong}, wrong {wrong}; children stopped by "
        f"their fence {len(stopped)} of {len(stopped)}; parent +{growth_mb:.0f} MB; slowest {slowest[0]} {slowest[2]:.1f} s"
    )
    return len(results), refused, len(stopped), wrong


if __name__ == "__main__":
    sys.exit(main())
