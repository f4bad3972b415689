"""The map of the house beside MapLibre GL and Leaflet with protomaps-leaflet, on one city and one load (bench/README.md).

python bench/map/run.py [--runs 5]
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".cache" / "bench-map"
BIN = Path(sys.executable).parent
REAL_DATA = Path(os.environ.get("CREW311_REAL_DATA", ROOT.parent / "shared" / "data"))
CONTESTANTS = ("crew311", "maplibre", "leaflet")
SLOWER = 4  # the page's thread while it starts: a phone of three years
LONG_MS = 50
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".pmtiles": "application/vnd.pmtiles"}

sys.path.insert(0, str(ROOT))

from crew_app.adapters.osm_basemap import make_basemap  # noqa: E402


@dataclass
class Run:
    start_ms: float
    code_kb: float
    memory_mb: float
    long_tasks: list[float]
    painter_ms: list[float] = field(default_factory=list)


class Files(BaseHTTPRequestHandler):
    """The built pages and the map, by ranges; counts what the code weighs packed."""

    protocol_version = "HTTP/1.1"
    folder: Path
    weighed: dict[str, int]

    def do_GET(self) -> None:
        path = self.folder / self.path.split("?")[0].lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        whole, status = path.read_bytes(), 200
        body = whole
        if asked := self.headers.get("Range"):
            first, last = (int(n) for n in asked.removeprefix("bytes=").split("-"))
            body, status = whole[first : last + 1], 206
        if path.suffix in (".js", ".css"):
            self.weighed[path.name] = len(gzip.compress(whole, 9))
        self.send_response(status)
        self.send_header("Content-Type", TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(body)))
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{len(whole)}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def build() -> None:
    """The three pages in .cache/bench-map: peers by the lock file, tiles of Boston's streets."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, CACHE / name)
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    if not (CACHE / "node_modules" / "maplibre-gl").is_dir():
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=CACHE, env=environment, check=True
        )
    subprocess.run([ROOT / "pwa/node_modules/.bin/vite", "build"], cwd=HERE, env=environment, check=True)
    tiles = CACHE / "boston.pmtiles"
    if not tiles.exists():
        make_basemap(REAL_DATA / "boston_drive.osm.pbf", tiles)
    shutil.copy(tiles, CACHE / "dist" / "basemap.pmtiles")


def measure(browser: BrowserContext, contestant: str, address: str, weighed: dict[str, int], profile: Path) -> Run:
    weighed.clear()
    page = browser.new_page()
    page.wait_for_timeout(2000)  # a browser just started lets go of some memory by itself
    before = memory_mb(profile)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(f"{address}/{contestant}.html")
    start_ms = None
    for _ in range(600):
        if (start_ms := page.evaluate("bench.drawnMs")) is not None:
            break
        page.wait_for_timeout(50)
    assert start_ms is not None, f"{contestant} was not drawn within 30 s"
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.wait_for_timeout(1000)
    memory = memory_mb(profile) - before
    watch_painter(page)
    page.evaluate("bench.longTasks.length = 0")
    pan(page)
    run = Run(start_ms, sum(weighed.values()) / 1000, memory, page.evaluate("bench.longTasks"), painter_frames(page))
    page.close()
    return run


def pan(page: Page) -> None:
    """Round over the city, nearer, and round again."""
    mouse = page.mouse
    for _ in range(2):
        for dx, dy in ((-300, 0), (0, 200), (300, 0), (0, -200)):
            mouse.move(640, 400)
            mouse.down()
            mouse.move(640 + dx, 400 + dy, steps=20)
            mouse.up()
        mouse.wheel(0, -240)
        page.wait_for_timeout(500)


def watch_painter(page: Page) -> None:
    """Our painter's frames, in its own thread: they hold up no page, but must be quick all the same."""
    for worker in page.workers:
        worker.evaluate(
            "() => { const ask = self.requestAnimationFrame.bind(self); self.spent = [];"
            " self.requestAnimationFrame = (paint) => ask((at) => {"
            " const began = performance.now(); paint(at); self.spent.push(performance.now() - began); }); }"
        )


def painter_frames(page: Page) -> list[float]:
    return [ms for worker in page.workers for ms in worker.evaluate("() => self.spent ?? []")]


def memory_mb(profile: Path) -> float:
    """Of every process of this browser: what is shared is counted once (PSS)."""
    mark, total = f"--user-data-dir={profile}".encode(), 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "cmdline").read_bytes():
                lines = (process / "smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration):
            continue
    return total / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    build()
    Files.folder, Files.weighed = CACHE / "dist", {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    chromium = subprocess.run([ROOT / "tests/browser/find-chromium"], capture_output=True, text=True, check=True).stdout.strip()
    found: dict[str, list[Run]] = {name: [] for name in CONTESTANTS}
    print("run ", end="", file=sys.stderr)
    with sync_playwright() as playwright:
        for _ in range(runs):
            for name in CONTESTANTS:
                with tempfile.TemporaryDirectory() as folder:
                    context = playwright.chromium.launch_persistent_context(
                        folder,
                        executable_path=chromium,
                        headless=True,
                        args=["--no-sandbox"],
                        viewport={"width": 1280, "height": 800},
                    )
                    found[name].append(measure(context, name, address, Files.weighed, Path(folder)))
                    context.close()
                print(f"{name} ", end="", file=sys.stderr, flush=True)
    server.shutdown()
    report(found)


def report(found: dict[str, list[Run]]) -> None:
    n = len(found["crew311"])
    print(f"10,000 cases, 200 crews, Boston's streets; 1280 x 800, {len(os.sched_getaffinity(0))} cores, no GPU; medians of {n}\n")
    print("| | code, kB gzip | drawn at CPU x 4, ms | memory, MB | tasks over 50 ms while panning | the longest, ms |")
    print("|---|---|---|---|---|---|")
    for name, runs in found.items():
        long_ones = statistics.median(sum(ms > LONG_MS for ms in run.long_tasks) for run in runs)
        longest = statistics.median(max(run.long_tasks, default=0) for run in runs)
        row = (
            middle(run.code_kb for run in runs),
            middle(run.start_ms for run in runs),
            middle(run.memory_mb for run in runs),
            long_ones,
            longest,
        )
        print(f"| {name} | " + " | ".join(f"{value:,.0f}" for value in row) + " |")
    frames = sorted(ms for run in found["crew311"] for ms in run.painter_ms)
    if frames:
        print(
            f"\nOur painter, in its own thread: {len(frames)} frames, median {frames[len(frames) // 2]:.1f} ms, 95 % within {frames[int(len(frames) * 0.95)]:.1f} ms."
        )
    claim = statistics.median(sum(ms > LONG_MS for ms in run.long_tasks) for run in found["crew311"])
    against = {
        name: {
            "long_tasks": statistics.median(sum(ms > LONG_MS for ms in run.long_tasks) for run in runs),
            "start_ms": round(middle(run.start_ms for run in runs)),
            "code_kb": round(middle(run.code_kb for run in runs)),
            "memory_mb": round(middle(run.memory_mb for run in runs)),
        }
        for name, runs in found.items()
    }
    print(json.dumps({"figure": "map_long_tasks_while_panning", "value": claim, "at_most": 0, "n": n, "against": against}))


def middle(values: Any) -> float:
    return statistics.median(values)


if __name__ == "__main__":
    main()
