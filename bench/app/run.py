"""The phone app's weight and speed: bytes to the first usable list, cold start without signal, a list of 500 jobs.

Real server, real Chromium as a phone of 360 x 800 with its processor slowed down four times. Run by `make bench-app`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from conftest import HERE, PhoneBrowser, Server, sign_in, wait_for  # noqa: E402
from sqlalchemy import select  # noqa: E402

from crew_app.extensions import db  # noqa: E402
from crew_app.models import Crew, Person  # noqa: E402
from crew_app.services.assignments import assign_case  # noqa: E402
from crew_app.services.cases import NewReport, open_case  # noqa: E402
from crew_app.transaction import transaction  # noqa: E402

DIST = ROOT / "pwa" / "dist"
SLOWER = 4
# Written down when the first card of a job is in the page and the browser has painted it.
WATCH = """
addEventListener("DOMContentLoaded", () => {
  const look = () => {
    if (document.querySelector('[data-testid="job-card"]') === null) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => { self.usableMs = performance.now(); }));
  };
  const watch = new MutationObserver(look);
  watch.observe(document, { childList: true, subtree: true });
  look();
});
"""
# Scrolls as a thumb does, for three seconds, and writes down how long each frame took.
SCROLL = """new Promise((done) => {
  const frames = [], began = performance.now();
  let last = began;
  const step = (now) => {
    frames.push(now - last); last = now;
    scrollBy(0, 40);
    if (now - began < 3000) requestAnimationFrame(step); else done(frames.slice(2));
  };
  requestAnimationFrame(step);
})"""


def weigh() -> list[tuple[str, int, int]]:
    """(what, bytes, bytes packed) of what the phone loads, by when it does."""
    index = (DIST / "index.html").read_text()
    first = sorted((path for path in (DIST / "assets").iterdir() if path.name in index), key=lambda path: path.suffix)
    scripts = [path for path in (DIST / "assets").glob("*.js") if path not in first]
    rows = [(f"to the first list: {path.name}", *_sizes(path)) for path in [DIST / "index.html", *first]]
    rows += [(f"when wanted: {path.name}", *_sizes(path)) for path in sorted(scripts)]
    return [*rows, ("beside the page: sw.js", *_sizes(DIST / "sw.js"))]


def _sizes(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    return len(content), len(gzip.compress(content, 9))


def give_jobs(server: Server, count: int) -> None:
    with server.app.app_context():
        with transaction() as tx:
            crew = tx.session.scalars(select(Crew)).one()
            dora = tx.session.scalars(select(Person).where(Person.email == "dora@city.test")).one()
            crew.capacity = 1000
            for n in range(count):
                place = {"latitude": HERE["latitude"] + n * 0.0001, "longitude": HERE["longitude"]}
                case = open_case(tx, NewReport(service_code="pothole", description="Deep.", address=f"{n + 1} Test St", **place))
                assign_case(tx, case.id, crew.id, dora.id)
        db.session.remove()


def cards(page: Page) -> int:
    return page.get_by_test_id("job-card").count()


def slow_page(context: BrowserContext) -> tuple[Page, Any]:
    page = context.new_page()
    page.add_init_script(WATCH)
    cdp = context.new_cdp_session(page)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page, cdp


def cold_starts(browser: PhoneBrowser, address: str, times: int) -> list[float]:
    """Milliseconds from opening the app without signal to a list that can be touched; each in a page of its own."""
    taken = []
    for _ in range(times):
        assert browser.context is not None
        page, _cdp = slow_page(browser.context)
        page.goto(address)
        taken.append(float(wait_for(lambda page=page: page.evaluate("self.usableMs"), page)))
        page.close()
    return taken


def scrolled(browser: PhoneBrowser, address: str, jobs: int) -> dict[str, float]:
    assert browser.context is not None
    page, _cdp = slow_page(browser.context)
    page.goto(address)
    wait_for(lambda: cards(page) >= jobs, page, 60)
    frames = sorted(page.evaluate(SCROLL))
    page.close()
    return {"median": statistics.median(frames), "p95": frames[int(len(frames) * 0.95)], "longest": frames[-1], "n": len(frames)}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--starts", type=int, default=10, help="cold starts without signal")
    arguments.add_argument("--jobs", type=int, default=500, help="jobs in the long list")
    wanted = arguments.parse_args()
    rows = weigh()
    print(f"{'':60} {'bytes':>9} {'gzip':>9}")
    for what, plain, packed in rows:
        print(f"{what:60} {plain:>9,} {packed:>9,}")
    first_js = sum(packed for what, _, packed in rows if what.startswith("to the first") and what.endswith(".js"))
    print(f"\nJavaScript to the first usable list: {first_js / 1000:.1f} kB packed (at most 60)")
    chromium = subprocess.run([ROOT / "tests/browser/find-chromium"], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="bench-app-") as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "instance")
        browser = PhoneBrowser(playwright, chromium, Path(folder) / "profile")
        try:
            server.make_city()
            give_jobs(server, 30)
            server.start()
            address = f"{server.address}/crew/"
            page = browser.open(address)
            sign_in(page)
            wait_for(lambda: cards(page) >= 30, page, 60)
            wait_for(lambda: page.evaluate("navigator.serviceWorker.ready.then(() => true)"), page)
            page.wait_for_timeout(3_000)
            assert browser.context is not None
            browser.context.set_offline(True)
            page.goto("about:blank")
            starts = sorted(cold_starts(browser, address, wanted.starts))
            browser.context.set_offline(False)
            give_jobs(server, wanted.jobs - 30)
            page.goto(address)
            wait_for(lambda: cards(page) >= wanted.jobs, page, 120)
            page.goto("about:blank")
            browser.context.set_offline(True)
            frames = scrolled(browser, address, wanted.jobs)
        finally:
            browser.close()
            browser.kill()
            server.kill()
    median = statistics.median(starts)
    print(f"Cold start without signal, processor {SLOWER} times slower, n = {len(starts)}: median {median:.0f} ms, ", end="")
    print(f"{starts[0]:.0f} to {starts[-1]:.0f} (at most 1000)")
    print(f"{wanted.jobs} jobs scrolled: frame median {frames['median']:.1f} ms, p95 {frames['p95']:.1f}, ", end="")
    print(f"longest {frames['longest']:.0f}, n = {frames['n']:.0f} (60 frames a second: 16.7)")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    told = {
        "first_js_gzip": first_js,
        "starts_ms": starts,
        "frames": frames,
        "commit": commit.strip(),
        "machine": platform.machine(),
    }
    print(json.dumps({**told, "at": datetime.now(UTC).isoformat(timespec="seconds")}))


if __name__ == "__main__":
    main()
