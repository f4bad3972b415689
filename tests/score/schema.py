"""score-schema: schemathesis asks every door of /openapi.json, of the running server, what it does and does not expect.

python tests/score/schema.py [--examples 40] [--seed 311] [--only residents]

The server is gunicorn with a seeded city. Three times: as nobody (residents, Open311, machines), as a crew, and as a
supervisor. Each failure of schemathesis counts, but for those of the checks below, which are switched off for a reason.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from live_server import LiveServer  # noqa: E402
from scoreline import Score  # noqa: E402
from seeded_city import PASSWORD, CitySpec, email_of, seed_city  # noqa: E402

from config import Config  # noqa: E402
from crew_app.factory import create_app  # noqa: E402
from crew_app.models import Person, Role  # noqa: E402
from crew_app.services.api_keys import make_api_key  # noqa: E402
from crew_app.services.people import hash_password  # noqa: E402
from crew_app.transaction import transaction  # noqa: E402

HERE = Path(__file__).parent
LEADER = "leader@city.test"
PASSES = {"nobody": ("residents", "open311", "machines"), "crew": ("crew's phone",), "office": ("desk",)}

# What schemathesis would call a failure and is none, by check.
NOT_ASKED = {
    "positive_data_acceptance": "a good shape may name a crew, a case or a key that is not there, and is then refused (400)",
    "missing_required_header": "a missing X-Crew311 or Tus-Resumable is refused by the CSRF rule (403) and by tus (412)",
}
GENEROUS = {
    "negative_data_rejection": "Open311 clients are read as generously as their habits demand (wire/open311_asked.py), and "
    "what a page does not know in an address it leaves aside",
}
CONFIG = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 429, 460, "5xx"]
[auth.openapi.session]
api_key = "{cookie}"
"""


def prepare(folder: Path) -> str:
    """A city with jobs, somebody who leads, and a key; returns the key."""
    seed_city(folder, CitySpec(crews=3, cases_each=4))
    app = create_app(Config({**os.environ, "INSTANCE": str(folder)}))
    with app.app_context(), transaction() as tx:
        tx.session.add(Person(email=LEADER, name="Lea", role=Role.SUPERVISOR, password_hash=hash_password(PASSWORD), enabled=True))
        return make_api_key(tx, "schemathesis", per_minute=1_000_000)[1]


def cookie(origin: str, who: str) -> str:
    """The session of somebody who signs in as they do; nobody's is empty."""
    if who == "nobody":
        return ""
    email = LEADER if who == "office" else email_of(1)
    if who == "crew":
        body, kind, path = json.dumps({"email": email, "password": PASSWORD}), "application/json", "/sync/v1/sign-in"
    else:
        body, kind, path = f"email={email}&password={PASSWORD.replace(' ', '+')}", "application/x-www-form-urlencoded", "/sign-in"
    asked = urllib.request.Request(origin + path, body.encode(), {"Content-Type": kind, "X-Crew311": "1"})
    answer = urllib.request.build_opener(_Stay()).open(asked)
    said = [name for name in answer.headers.get_all("Set-Cookie", []) if name.startswith("session=")]
    return said[-1].split(";")[0].removeprefix("session=")


class _Stay(urllib.request.HTTPRedirectHandler, urllib.request.HTTPErrorProcessor):
    """The cookie is in the answer that sends on, so nobody goes on."""

    def http_response(self, request, response):
        return response


def ask(origin: str, who: str, key: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """schemathesis's own report of one pass."""
    report, config = folder / f"{who}.json", folder / f"{who}.toml"
    config.write_text(CONFIG.format(cookie=cookie(origin, who)))
    off = NOT_ASKED | (GENEROUS if who == "nobody" else {})
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(config), "run", f"{origin}/openapi.json",
        *(part for tag in PASSES[who] for part in ("--include-tag", tag)),
        "--exclude-operation-id", "phone_sign_out",  # nobody would be signed in after it
        "--exclude-operation-id", "live_stream",  # it answers for a minute
        "--exclude-checks", ",".join(off), "--max-examples", str(options.examples), "--seed", str(options.seed),
        "--generation-database", "none", "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color",
        "--request-timeout", "20", "--report", "json", "--report-json-path", str(report), "--suppress-health-check", "all",
        "--warnings", "off",
    ]  # fmt: skip
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "schema_hooks", "PYTHONPATH": str(HERE), "CREW311_KEY": key}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if not report.exists():
        raise RuntimeError(f"schemathesis made no report:\n{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}")
    if options.words:
        print(ended.stdout)
    return json.loads(report.read_text())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=40, help="cases made up for each operation and phase")
    parser.add_argument("--seed", type=int, default=311)
    parser.add_argument("--words", action="store_true", help="schemathesis's own words, too")
    parser.add_argument("--only", choices=list(PASSES))
    options = parser.parse_args()
    score = Score("schemathesis: failures of the running server against /openapi.json", "schemathesis 4.32.5")
    asked = 0
    with tempfile.TemporaryDirectory(prefix="crew311-") as name:
        folder = Path(name)
        key = prepare(folder)
        server = LiveServer(folder, sabotage="count-nobody")
        try:
            server.start()
            for who in PASSES:
                if options.only in (None, who):
                    found = ask(f"http://127.0.0.1:{server.port}", who, key, folder, options)
                    asked += found["test_cases"]["generated"]
                    reached = sum(phase["accepted"] for phases in found["valid_rates"].values() for phase in phases.values())
                    score.say(
                        f"as {who}: {found['operations']['tested']} of {found['operations']['selected']} operations, "
                        f"{found['test_cases']['generated']} requests; of the good ones {reached} were carried out"
                    )
                    for failure in (*found["failures"], *found["errors"]):
                        score.fail(
                            f"{failure.get('title')}: {', '.join(failure.get('operations', []))} ({failure.get('count', 1)})"
                        )
                    if found["operations"]["tested"] < found["operations"]["selected"] or not found["complete"]:
                        score.fail(f"as {who} it was not asked to the end")
        finally:
            server.close()
    return score.finish(len(score.failures), asked)


if __name__ == "__main__":
    sys.exit(main())
