"""Crew311's sync beside PouchDB 9 with express-pouchdb, on one workload (bench/README.md).

python bench/sync/run.py            quick, about four minutes
python bench/sync/run.py --long     the full grid
python bench/sync/run.py --storm    the 300 phones that come back at once, three times, and nothing else
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import workload
from contestants import BIN, CORES, PHONE_CORES, Contestant, Ours, Pouch, install_pouch
from workload import PHOTO_BYTES, uuid_of

CUT_EVERY = 2_000_000
STORM_JOBS, STORM_OPERATIONS, STORM_CHANGES = 15, 10, 2


@dataclass(frozen=True)
class Grid:
    repeats: int
    cold: tuple[int, ...]
    delta_of: int
    delta: tuple[int, ...]
    push: tuple[tuple[int, int], ...]  # (closures, photos each)
    cut: tuple[tuple[int, int], ...]
    storm: tuple[tuple[int, float], ...]  # (devices, all back within s)
    conflicts: int
    shows_defaults: bool = False
    storms: int = 1  # how often each


# Each claim about sync is measured here; the last cold pull, push, cut and storm are those of the figure's line.
QUICK = Grid(3, (500, 5000), 500, (0, 50), ((10, 0), (10, 1), (10, 3)), ((20, 1), (20, 3)), ((50, 2.0), (300, 5.0)), 10)
LONG = Grid(
    3,
    (500, 5000, 20000),
    5000,
    (0, 50, 1000),
    tuple((k, p) for k in (10, 50, 200) for p in (0, 1, 3)),
    ((50, 1), (50, 3), (200, 1), (200, 3)),
    ((50, 5.0), (300, 5.0)),
    50,
    shows_defaults=True,
    storms=3,
)
STORM = Grid(1, (), 0, (), (), (), ((300, 5.0),), 0, storms=3)


@dataclass
class Row:
    """What one step cost one contestant; one entry for each repetition."""

    step: str
    who: str
    seen: list[dict[str, float]] = field(default_factory=list)
    check: dict[str, int] = field(default_factory=dict)
    deeds: list[dict[str, Any]] = field(default_factory=list)

    def median(self, what: str) -> float:
        return statistics.median(s[what] for s in self.seen)


class Bench:
    def __init__(self, grid: Grid, ours: Ours, pouch: Pouch) -> None:
        self.grid, self.ours, self.pouch = grid, ours, pouch
        self.rows: dict[tuple[str, str], Row] = {}
        self.serial = 0

    def row(self, step: str, who: Contestant) -> Row:
        return self.rows.setdefault((step, who.name), Row(step, who.name))

    def measure(self, step: str, who: Contestant, do: str, cut_every: int | None = None, **what: Any) -> dict[str, Any]:
        if who.process is None or who.process.poll() is not None:
            raise RuntimeError(f"the server of {who.name} is gone")
        who.proxy.reset(cut_every)
        cpu = who.cpu_s()
        answer = who.driver.tell(do, **what)
        time.sleep(0.05)
        proxy = who.proxy
        seen = {
            "up": proxy.up,
            "down": proxy.down,
            "requests": proxy.requests,
            "cuts": proxy.cuts,
            "s": answer["s"],
            "cpu": who.cpu_s() - cpu,
        }
        proxy.reset()
        if "seconds" in answer:
            ordered = sorted(answer["seconds"])
            seen["p50"] = statistics.median(ordered)
            seen["p95"] = ordered[max(0, math.ceil(0.95 * len(ordered)) - 1)]
        self.row(step, who).seen.append(seen)
        return answer

    def both(self, repetition: int) -> tuple[Contestant, Contestant]:
        """Interleaved, and each as often first as the other."""
        return (self.ours, self.pouch) if repetition % 2 == 0 else (self.pouch, self.ours)

    def phone(self, who: Contestant, crew: str, hand: str = "a", batch: int | None = None) -> str:
        self.serial += 1
        name = f"{who.name.lower()}-{self.serial}"
        who.open_phone(name, crew, hand, batch)
        return name

    def crews(self) -> dict[str, int]:
        grid, repeats = self.grid, range(self.grid.repeats)
        crews = {f"cold-{n}": n for n in {*grid.cold, grid.delta_of} if n}
        crews |= {f"push-{k}-{p}-{r}": k for k, p in grid.push for r in repeats}
        crews |= {f"cut-{k}-{p}-{r}": k for k, p in grid.cut for r in repeats}
        crews |= {f"storm-{n}-{r}-{i}": STORM_JOBS for n, _ in grid.storm for r in range(grid.storms) for i in range(n)}
        crews |= {"two": grid.conflicts, "warm": 20}
        if grid.shows_defaults:
            crews["defaults"] = 50
        return crews

    def close(
        self, who: Contestant, phone: str, crew: str, cases: list[int], photos: int, outcome: str = "fixed"
    ) -> tuple[int, list[dict[str, Any]]]:
        """(bytes of JSON said, what the checker must find)."""
        answer = who.driver.tell("close", phone=phone, cases=cases, photos=photos, size=PHOTO_BYTES, outcome=outcome)
        deeds = []
        for case in cases:
            closure = uuid_of(f"{phone}/{case}")
            refs = [
                (uuid_of(f"{closure}/{i}"), hashlib.sha256(workload.photo_bytes(f"{closure}/{i}")).hexdigest())
                for i in range(photos)
            ]
            deeds.append({"id": closure, "case": case, "crew": crew, "outcome": outcome, "photos": refs})
        return answer.get("json_bytes", 0), deeds

    def times(self, photos_or_cases: int, most: int) -> int:
        """How often: what takes minutes is done once."""
        return self.grid.repeats if photos_or_cases <= most else 1

    def warm_up(self) -> None:
        for who in (self.ours, self.pouch):
            phone = self.phone(who, "warm")
            who.driver.tell("pull", phone=phone)
            self.close(who, phone, "warm", who.cases["warm"][:5], 1)
            who.driver.tell("push", phone=phone, most=5)
            who.driver.tell("pull", phone=phone)

    def cold_pull(self, n: int, repetition: int) -> None:
        for who in self.both(repetition):
            phone = self.phone(who, f"cold-{n}")
            self.measure(f"cold pull, {n} cases", who, "pull", phone=phone)
            assert who.driver.tell("pull", phone=phone)["jobs"] == n
            who.driver.tell("forget", phone=phone)

    def delta(self, n: int, repetition: int) -> None:
        crew = f"cold-{self.grid.delta_of}"
        for who in self.both(repetition):
            phone = self.phone(who, crew)
            who.driver.tell("pull", phone=phone)
            who.change(who.cases[crew][repetition * 7 : repetition * 7 + n], crew)
            self.measure(f"delta, {n} of {self.grid.delta_of} changed", who, "pull", phone=phone)
            who.driver.tell("forget", phone=phone)

    def push(self, k: int, photos: int, repetition: int, is_cut: bool) -> None:
        crew = f"{'cut' if is_cut else 'push'}-{k}-{photos}-{repetition}"
        step = push_step(k, photos, is_cut)
        for who in self.both(repetition):
            # With its usual batch of 500 documents PouchDB never gets through a link that breaks every 2 MB: see `defaults`.
            phone = self.phone(who, crew, batch=max(1, 5 // max(1, photos)) if is_cut else 500)
            who.driver.tell("pull", phone=phone)
            said, deeds = self.close(who, phone, crew, who.cases[crew], photos)
            said = said or self.said  # theirs is measured against the same payload
            self.said = said
            answer = self.measure(step, who, "push", cut_every=CUT_EVERY if is_cut else None, phone=phone, most=500)
            row = self.row(step, who)
            row.seen[-1]["payload"] = k * photos * PHOTO_BYTES + said
            row.deeds += deeds
            if not answer["done"]:
                print(f"  {who.name} did not finish: {answer}", file=sys.stderr)
            who.driver.tell("forget", phone=phone)

    said = 0

    def defaults(self) -> None:
        """PouchDB as it comes, on the link that breaks every 2 MB: a batch is one request, and one request never passes."""
        who = self.pouch
        phone = self.phone(who, "defaults", batch=100)
        who.driver.tell("pull", phone=phone)
        _, deeds = self.close(who, phone, "defaults", who.cases["defaults"], 1)
        step = "the same, 50 x 1, PouchDB's default batch, 10 tries"
        self.measure(step, who, "push", cut_every=CUT_EVERY, phone=phone, most=10)
        self.row(step, who).deeds += deeds
        who.driver.tell("forget", phone=phone)

    def storm(self, n: int, within_s: float, repetition: int) -> None:
        step = storm_step(n, within_s)
        crews = [f"storm-{n}-{repetition}-{i}" for i in range(n)]
        for who in self.both(repetition):
            phones, deeds = [], []
            for crew in crews:
                phone = self.phone(who, crew)
                who.driver.tell("pull", phone=phone)
                phones.append(phone)
                deeds += self.close(who, phone, crew, who.cases[crew][:STORM_OPERATIONS], 0)[1]
            for crew in crews:
                who.change(who.cases[crew][-STORM_CHANGES:], crew)
            self.measure(step, who, "storm", phones=phones, within_s=within_s)
            self.row(step, who).deeds += deeds
            for phone in phones:
                who.driver.tell("forget", phone=phone)

    def two_on_one_case(self) -> None:
        """Two phones of one crew close the same cases without signal, each with another outcome."""
        step = f"two phones, the same {self.grid.conflicts} cases"
        for who in (self.ours, self.pouch):
            pair = [self.phone(who, "two", hand) for hand in ("a", "b")]
            for phone in pair:
                who.driver.tell("pull", phone=phone)
            deeds = []
            for phone, outcome in zip(pair, ("fixed", "not_found"), strict=True):
                deeds += self.close(who, phone, "two", who.cases["two"], 0, outcome)[1]
            for phone in pair:
                self.measure(step, who, "push", phone=phone, most=5)
            self.row(step, who).deeds += deeds

    def run(self) -> None:
        self.warm_up()
        grid = self.grid
        for repetition in range(grid.repeats):
            for n in grid.cold:
                if repetition < self.times(n, 5000):
                    self.cold_pull(n, repetition)
            for n in grid.delta:
                self.delta(n, repetition)
            for k, photos in grid.push:
                if repetition < self.times(k * photos, 150):
                    self.push(k, photos, repetition, is_cut=False)
            for k, photos in grid.cut:
                if repetition < self.times(k * photos, 150):
                    self.push(k, photos, repetition, is_cut=True)
            say(f"repetition {repetition + 1} of {grid.repeats} done")
        if grid.shows_defaults:
            self.defaults()
        if grid.conflicts:
            self.two_on_one_case()
        for n, within_s in grid.storm:
            for repetition in range(grid.storms):
                self.storm(n, within_s, repetition)
                say(f"storm of {n} done")

    def check(self) -> None:
        for row in self.rows.values():
            if row.deeds:
                who = self.ours if row.who == self.ours.name else self.pouch
                row.check = who.check(row.deeds)

    def resent(self, row: Row) -> float | None:
        """Bytes up beyond what the same push takes on an unbroken link, for each byte of payload there."""
        if not row.median("cuts"):
            return None
        if "payload" not in row.seen[0]:
            return None
        whole = [
            (r.median("up"), r.median("payload"))
            for r in self.rows.values()
            if r.who == row.who and r.step.startswith("push") and r.step.endswith(row.step.rpartition(" x ")[2])
        ]
        up, payload = max(whole, key=lambda pair: pair[1])
        return max(0.0, row.median("up") - row.median("payload") * up / payload)

    def table(self) -> str:
        head = "| step | who | n | up B | down B | requests | wall s | server CPU s | cuts | re-sent B | lost | doubled | silent | photos lost |"
        lines = [head, "|---|---|" + "---:|" * 12]
        for step in dict.fromkeys(step for step, _ in self.rows):
            for who in (self.ours.name, self.pouch.name):
                if row := self.rows.get((step, who)):
                    lines.append(self.line(row))
        return "\n".join(lines)

    def line(self, row: Row) -> str:
        wall = f"{row.median('s'):.3f}"
        if "p95" in row.seen[0]:
            wall = f"p50 {row.median('p50'):.2f}, p95 {row.median('p95'):.2f}"
        resent = self.resent(row)
        cells = [
            f"{row.median('up'):,.0f}",
            f"{row.median('down'):,.0f}",
            f"{row.median('requests'):,.0f}",
            wall,
            f"{row.median('cpu'):.2f}",
        ]
        cells += [f"{row.median('cuts'):.0f}" if row.median("cuts") else "", "" if resent is None else f"{resent:,.0f}"]
        cells += [str(row.check[what]) if row.check else "" for what in ("lost", "doubled", "silent", "photos_lost")]
        return f"| {row.step} | {row.who} | {len(row.seen)} | " + " | ".join(cells) + " |"

    def claims(self) -> dict[str, Any]:
        """The figure's line: what was measured of each claim, and what was lost, doubled or silently overruled."""
        bad = {
            who.name: {
                w: sum(r.check.get(w, 0) for r in self.rows.values() if r.who == who.name and "default" not in r.step)
                for w in ("lost", "doubled", "silent", "photos_lost")
            }
            for who in (self.ours, self.pouch)
        }
        transfer = self.transfer_claims() if self.grid.cold else {}
        return {**transfer, **self.storm_claims(), "bad": bad[self.ours.name], "bad_pouchdb": bad[self.pouch.name]}

    def of(self, step: str, who: Contestant, *what: str) -> float:
        return sum(self.rows[step, who.name].median(w) for w in what)

    def transfer_claims(self) -> dict[str, Any]:
        grid, get, ours, pouch = self.grid, self.of, self.ours, self.pouch
        cold = f"cold pull, {max(grid.cold)} cases"
        idle = f"delta, 0 of {grid.delta_of} changed"
        pushed, cut = push_step(*grid.push[-1], False), push_step(*grid.cut[-1], True)
        cut_row, theirs = self.rows[cut, ours.name], self.rows[cut, pouch.name]
        return {
            "cold_pull_bytes_ratio": round(get(cold, ours, "up", "down") / get(cold, pouch, "up", "down"), 3),
            "cold_pull_seconds_ratio": round(get(cold, ours, "s") / get(cold, pouch, "s"), 3),
            "idle_delta_bytes": round(get(idle, ours, "up", "down")),
            "idle_delta_requests": round(get(idle, ours, "requests")),
            "idle_delta_bytes_ratio": round(get(idle, ours, "up", "down") / get(idle, pouch, "up", "down"), 3),
            "push_bytes_per_payload": round(get(pushed, ours, "up", "down") / get(pushed, ours, "payload"), 4),
            "push_bytes_per_payload_pouchdb": round(get(pushed, pouch, "up", "down") / get(pushed, pouch, "payload"), 4),
            "resent_bytes_per_cut": round((self.resent(cut_row) or 0) / max(1, cut_row.median("cuts"))),
            "resent_bytes_per_cut_pouchdb": round((self.resent(theirs) or 0) / max(1, theirs.median("cuts"))),
        }

    def storm_claims(self) -> dict[str, Any]:
        n, within_s = self.grid.storm[-1]
        step = storm_step(n, within_s)
        ours, theirs = self.of(step, self.ours, "p95"), self.of(step, self.pouch, "p95")
        return {
            "storm_p95_s": round(ours, 3),
            "storm_p95_s_pouchdb": round(theirs, 3),
            "storm_p95_ratio": round(ours / theirs, 3),
            "storm_server_cpu_ms_per_phone": round(self.of(step, self.ours, "cpu") / n * 1000, 1),
            "storm_server_cpu_ms_per_phone_pouchdb": round(self.of(step, self.pouch, "cpu") / n * 1000, 1),
        }


def push_step(k: int, photos: int, is_cut: bool) -> str:
    return f"{'cut every 2 MB' if is_cut else 'push'}, {k} closures x {photos} photos"


def storm_step(n: int, within_s: float) -> str:
    return f"storm, {n} phones within {within_s:g} s"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def machine() -> str:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "?",
    )
    node = subprocess.run(
        ["node", "--version"],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        check=False,
    )
    return f"{cpu}, {len(CORES)} cores, {platform.system()}, Python {platform.python_version()}, Node {node.stdout.strip()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--long", action="store_true", help="the full grid, about a quarter of an hour")
    which.add_argument("--storm", action="store_true", help="only the 300 phones, three times")
    parser.add_argument("--keep", type=Path, help="write every single measurement here, as JSON")
    options = parser.parse_args()
    grid = LONG if options.long else STORM if options.storm else QUICK
    install_pouch()
    os.sched_setaffinity(0, PHONE_CORES)
    with tempfile.TemporaryDirectory(prefix="crew311-bench-") as name:
        folders = Path(name) / "ours", Path(name) / "pouch"
        for folder in folders:
            folder.mkdir()
        ours, pouch = Ours(folders[0]), Pouch(folders[1])
        try:
            ours.start()
            pouch.start()
            bench = Bench(grid, ours, pouch)
            ours.fill(bench.crews())
            pouch.fill_from(ours)
            say("both cities are filled")
            bench.run()
            ours.driver.stop()
            pouch.driver.stop()
            ours.kill()
            bench.check()
        finally:
            ours.kill()
            pouch.kill()
        print(machine())
        print(bench.table())
        if options.keep:
            options.keep.write_text(json.dumps([vars(row) | {"deeds": len(row.deeds)} for row in bench.rows.values()], indent=1))
        n = sum(len(row.seen) for row in bench.rows.values())
        print(json.dumps({"figure": "sync", "value": bench.claims(), "n": n, "against": "PouchDB 9.0.0 + express-pouchdb 4.2.0"}))


if __name__ == "__main__":
    main()
