"""A push service that is not ours: npm's web-push-testing, which decrypts what it is sent as a browser would."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "web-push-testing"
# The node of the project's own Python packages first.
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
STARTS_WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class PushService:
    origin: str

    def subscribe(self, application_server_key: str) -> dict[str, Any]:
        """What `pushManager.subscribe` gives a page; `clientHash` beside it is how this service names the browser."""
        asked = {"userVisibleOnly": "true", "applicationServerKey": application_server_key}
        return self._post("/subscribe", asked)["data"]

    def expire(self, subscription: dict[str, Any]) -> None:
        self._post(f"/expire-subscription/{subscription['clientHash']}", {})

    def received(self, subscription: dict[str, Any]) -> list[dict[str, Any]]:
        """What this browser was sent, decrypted by the service with the browser's own key."""
        messages = self._post("/get-notifications", {"clientHash": subscription["clientHash"]})["data"]["messages"]
        return [json.loads(message) for message in messages]

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            self.origin + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            content = answer.read()
        return json.loads(content) if content.startswith(b"{") else None


def install() -> None:
    """From npm, by the lock file beside this, into .cache/; once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    mark, lock = CACHE / "installed", (HERE / "package-lock.json").read_bytes()
    if mark.exists() and mark.read_bytes() == lock:
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, CACHE / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, cwd=CACHE, check=True, env={**os.environ, "PATH": PATH}, timeout=300)
    mark.write_bytes(lock)


@contextlib.contextmanager
def running() -> Iterator[PushService]:
    install()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["node", "-e", SCRIPT, str(port)]
    process = subprocess.Popen(command, cwd=CACHE, env={**os.environ, "PATH": PATH}, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not _answers(port):
            assert time.monotonic() < deadline and process.poll() is None, "web-push-testing did not start"
            time.sleep(0.1)
        yield PushService(f"http://localhost:{port}")
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# Its command line goes to the background and writes into the home folder; these two classes are what it starts there.
SCRIPT = """
const PushApiModel = require("web-push-testing/src/PushApiModel.js").PushApiModel;
const Server = require("web-push-testing/src/server.js");
new Server(new PushApiModel(), Number(process.argv[1])).startServer();
"""
