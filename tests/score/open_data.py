"""score-open-data: 300,000 cases leave as CSV (and as GeoParquet); the memory of the process that writes the CSV stays under 200 MB.

python tests/score/open_data.py [--cases 300000]

The server's own code writes, in a process of its own; its peak resident memory is what the operating system says. Beside it
the same process's peak without any export, so that what the export adds can be seen.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from flask_migrate import upgrade  # noqa: E402
from scoreline import Score  # noqa: E402
from sqlalchemy import insert  # noqa: E402

from config import TestConfig  # noqa: E402
from crew_app.factory import create_app  # noqa: E402
from crew_app.models import Case, Department, Service  # noqa: E402
from crew_app.transaction import transaction  # noqa: E402

LIMIT_MB = 200
WRITER = """
import json, re, sys, time
from pathlib import Path
from config import TestConfig
from crew_app.factory import create_app

app = create_app(TestConfig(Path(sys.argv[1]), DATABASE_URL=f"sqlite:///{sys.argv[1]}/crew311.sqlite"))
began, size = time.monotonic(), 0
if sys.argv[2]:
    with app.test_client() as client, client.get(sys.argv[2], buffered=False) as answer:
        size = sum(len(piece) for piece in answer.response)
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])  # kB
print(json.dumps({"megabytes": peak / 1024, "size": size,
                  "seconds": time.monotonic() - began}))
"""


def fill(folder: Path, cases: int) -> None:
    app = create_app(TestConfig(folder, DATABASE_URL=f"sqlite:///{folder}/crew311.sqlite"))
    with app.app_context():
        upgrade()
        with transaction() as tx:
            department = Department(code="PWDx", name="Public Works Department")
            tx.session.add(department)
            tx.session.flush()
            service = Service(code="pothole", name="Request for Pothole Repair", department_id=department.id, target_days=1)
            tx.session.add(service)
            tx.session.flush()
            first = datetime(2020, 1, 1, tzinfo=UTC)
            tx.session.execute(
                insert(Case),
                [
                    {
                        "number": f"x-{number:07d}", "service_id": service.id, "department_id": department.id, "status": "closed",
                        "outcome": "fixed", "closing_note": f"Filled it, the {number}th of them.", "description": "A deep hole",
                        "address": f"{number % 900} Washington St  Boston  MA  02118", "postcode": "02118", "source": "Self Service",
                        "latitude": 42.3 + number % 1000 / 10_000, "longitude": -71.1 + number % 777 / 10_000,
                        "opened_at": first + timedelta(minutes=number), "closed_at": first + timedelta(minutes=number + 600),
                        "updated_at": first + timedelta(minutes=number + 600),
                    }
                    for number in range(cases)
                ],
            )  # fmt: skip


def write(folder: Path, address: str) -> dict[str, float]:
    asked = [sys.executable, "-c", WRITER, str(folder), address]
    return json.loads(subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=300_000)
    cases = parser.parse_args().cases
    score = Score("open data: downloads that need more memory than they may", f"{LIMIT_MB} MB for {cases:,} cases")
    measured: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="crew311-") as folder:
        fill(Path(folder), cases)
        score.say(f"{cases:,} cases in SQLite")
        for name, address in (("nothing", ""), ("csv", "/data/cases.csv"), ("geoparquet", "/data/cases.parquet")):
            found = write(Path(folder), address)
            measured[f"{name}_mb"] = round(found["megabytes"])
            score.say(f"{name}: {found['megabytes']:.0f} MB at most, {found['size'] / 1e6:.1f} MB sent, {found['seconds']:.1f} s")
            if name == "csv" and found["megabytes"] > LIMIT_MB:  # what writes Parquet takes 60 MB by itself
                score.fail(f"{name} needs {found['megabytes']:.0f} MB")
    return score.finish(len(score.failures), 1, **measured)


if __name__ == "__main__":
    sys.exit(main())
