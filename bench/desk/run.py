"""The dispatcher's desk with 10,000 open cases of Boston and 200 crews: how soon it is there, whether it stays smooth, and
whether an hour of a city's life fills its memory.

    python -m bench.desk.run [--figure NAME ...]

The real server (gunicorn, one process, no worker: nobody dispatches) and a real Chromium without a graphics card.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.desk.city import CASES, CREWS, PASSWORD, Life, fill
from config import Config
from crew_app.extensions import db
from crew_app.factory import create_app

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
DATA = Path(os.environ.get("CREW311_REAL_DATA", ROOT.parent / "shared" / "data"))
RUNS = 5
PAN_S = 6.0
LONG_MS = 50
HOUR_S = 3_600
WARM_UP_S = 300
# The city's life goes faster than its clock: so many of its seconds in one of ours.
FASTER = 12
# What the page is asked of itself: when the first rows and the first marks of the map are there, and what held it up.
WATCH = """
  const seen = (window.__seen = { rows: null, map: null, long: [] });
  new PerformanceObserver((list) => list.getEntries().forEach((it) => seen.long.push([it.startTime, it.duration])))
    .observe({ type: "longtask", buffered: true });
  const look = () => {
    if (seen.rows === null && document.querySelectorAll("[data-testid=case-row]").length > 10) seen.rows = performance.now();
    if (seen.rows === null) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (seen.map === null && data.is === "drawn" && data.drawn.some((mark) => mark.kind !== "crew")) seen.map = performance.now();
      });
    }
  };
"""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    port = str(3_900 + os.getpid() % 900)
    environment = {
        **os.environ,
        "INSTANCE": str(folder),
        "PORT": port,
        "WEB_PROCESSES": "1",
        "PUBLIC_URL": f"http://localhost:{port}",
    }
    environment.pop("DATABASE_URL", None)
    subprocess.run([BIN / "flask", "--app", "wsgi", "init"], cwd=ROOT, env=environment, check=True, capture_output=True)
    app = create_app(Config(environment))
    with app.app_context():
        fill(DATA)
        db.session.remove()
    server = subprocess.Popen([BIN / "gunicorn", "--config", "gunicorn.conf.py", "--log-level", "error"], cwd=ROOT, env=environment)
    address = f"http://localhost:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/readyz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def open_desk(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("dora@city.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_test_id("case-row").first.wait_for(timeout=60_000)
    page.add_init_script(WATCH)
    return page


def first_picture(page: Page, address: str) -> dict[str, float]:
    """Seconds from asking for the page until its rows, and the map's marks, are on the screen."""
    page.goto(f"{address}/console/")
    for _ in range(600):
        seen = page.evaluate("window.__seen")
        if seen["rows"] is not None and seen["map"] is not None:
            return {"rows": seen["rows"] / 1000, "map": seen["map"] / 1000}
        page.wait_for_timeout(50)
    raise SystemExit("the desk showed no picture within 30 s")


def pan(page: Page, seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds of each task over LONG_MS while the map was moved to and fro: (by the clock, by processor time)."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    ended: list[bool] = []
    session.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    session.on("Tracing.tracingComplete", lambda _: ended.append(True))
    session.send("Tracing.start", {"traceConfig": {"includedCategories": ["disabled-by-default-devtools.timeline", "__metadata"]}})
    began = page.evaluate("performance.now()")
    ends = time.monotonic() + seconds
    page.mouse.move(*middle)
    page.mouse.down()
    step = 0
    while time.monotonic() < ends:
        step += 1
        sway = 250 * (1 if step // 25 % 2 else -1) * (step % 25) / 25
        page.mouse.move(middle[0] + sway, middle[1] + sway / 2)
        page.wait_for_timeout(16)
    page.mouse.up()
    page.wait_for_timeout(200)
    by_clock = [took for at, took in page.evaluate("window.__seen.long") if at >= began and took > LONG_MS]
    session.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    session.detach()
    pages = {(it["pid"], it["tid"]) for it in events if it["name"] == "thread_name" and it["args"]["name"] == "CrRendererMain"}
    tasks = [it for it in events if it["name"] == "RunTask" and (it["pid"], it["tid"]) in pages]
    assert tasks, "the trace has no tasks of the page"
    return by_clock, [it["tdur"] / 1000 for it in tasks if it["tdur"] > LONG_MS * 1000]


def live(address: str, folder: Path, stop: threading.Event, faster: float, done: list[int]) -> None:
    """The city goes on, `faster` of its seconds in one of ours; `done`: how many went by."""
    os.environ["INSTANCE"] = str(folder)
    with create_app(Config({**os.environ, "INSTANCE": str(folder)})).app_context():
        life = Life()
        began = time.monotonic()
        while not stop.is_set():
            life.second(done[0])
            db.session.remove()
            done[0] += 1
            stop.wait(max(0.0, began + done[0] / faster - time.monotonic()))


def heap(session: CDPSession) -> float:
    """MB in use, rubbish taken out first."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    return used / 1024 / 1024


def hour(page: Page, done: list[int]) -> tuple[float, float, float]:
    """MB after the first five minutes of the city's life, an hour later, and the most in between."""
    session = page.context.new_cdp_session(page)
    start = done[0]
    while done[0] < start + WARM_UP_S:
        page.wait_for_timeout(200)
    seen = [heap(session)]
    nearer = True
    while done[0] < start + WARM_UP_S + HOUR_S:
        page.wait_for_timeout(10_000)
        page.mouse.wheel(0, -400 if nearer else 400)  # nearer and back: what another zoom shows is another picture, not growth
        nearer = not nearer
        seen.append(heap(session))
    # One reading depends on what is on its way to the map just then.
    return statistics.median(seen[:3]), statistics.median(seen[-3:]), max(seen)


def say(figure: str, value: float, holds: bool, **more: Any) -> None:
    print(json.dumps({"figure": figure, "value": round(value, 3), "holds": holds, **more}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figure", choices=("first", "pan", "hour"), action="append")
    wanted = parser.parse_args().figure or ["first", "pan", "hour"]
    if not DATA.is_dir():
        sys.exit(f"The bench needs the real cases of {DATA.name}; set CREW311_REAL_DATA to the folder they are in.")
    chromium = subprocess.run([ROOT / "tests/browser/find-chromium"], check=True, capture_output=True, text=True).stdout.strip()
    city = {"cases": CASES, "crews": CREWS}
    with tempfile.TemporaryDirectory() as temporary, serving(Path(temporary)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = open_desk(browser, address)
        if "first" in wanted:
            runs = [first_picture(page, address) for _ in range(RUNS)]
            for part in ("rows", "map"):
                middle = statistics.median(run[part] for run in runs)
                say(
                    f"desk_first_{part}_s",
                    middle,
                    middle <= 2,
                    n=RUNS,
                    runs=[round(run[part], 2) for run in runs],
                    load=round(os.getloadavg()[0], 1),
                    **city,
                )
        first_picture(page, address)
        stop, done = threading.Event(), [0]
        if "pan" in wanted:
            slow = threading.Thread(target=live, args=(address, Path(temporary), stop, 1.0, done))
            slow.start()
            pan(page, 2)
            runs_of_pan = [pan(page, PAN_S) for _ in range(RUNS)]
            stop.set()
            slow.join()
            for name, place in (("desk_long_tasks_panning", 0), ("desk_long_tasks_panning_cpu", 1)):
                tasks = [run[place] for run in runs_of_pan]
                middle = statistics.median(len(run) for run in tasks)
                shown = [[round(ms) for ms in run] for run in tasks]
                say(name, middle, middle == 0, n=RUNS, runs=shown, seconds=PAN_S, load=round(os.getloadavg()[0], 1), **city)
        if "hour" in wanted:
            stop = threading.Event()
            quick = threading.Thread(target=live, args=(address, Path(temporary), stop, FASTER, done))
            quick.start()
            first, last, most = hour(page, done)
            stop.set()
            quick.join()
            say(
                "desk_memory_after_an_hour",
                last / first,
                last <= 1.1 * first,
                first_mb=round(first, 1),
                last_mb=round(last, 1),
                most_mb=round(most, 1),
                events=HOUR_S,
                **city,
            )
        browser.close()


if __name__ == "__main__":
    main()
