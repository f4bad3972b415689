"""Phones that speak docs/sync-protocol.md as pwa/src/loop does. One JSON command a line on stdin, one answer a line on stdout."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import re
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

from workload import photo_bytes, uuid_of

PIECE_BYTES = 256 * 1024
MAX_OPERATIONS = 50
BROKEN = (OSError, http.client.HTTPException, EOFError)


class Phone:
    def __init__(self, name: str, port: int, cookie: str) -> None:
        self.name, self.cookie = name, cookie
        self.device = uuid_of(f"device/{name}")
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cursor: str | None = None
        self.jobs: dict[int, dict[str, Any]] = {}
        self.outbox: dict[str, dict[str, Any]] = {}
        self.photos: dict[str, tuple[str, bytes]] = {}  # photo id -> (closure, bytes), until verified
        self.seq = 0

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        try:
            headers = {"Cookie": self.cookie, "X-Crew311": "1", **{k.replace("_", "-"): v for k, v in headers.items()}}
            self.link.putrequest(method, path, skip_accept_encoding=True)
            if method != "PATCH":
                headers["Accept-Encoding"] = "gzip"
            if body is not None or method == "POST":
                headers["Content-Length"] = str(len(body or b""))
            for name, value in headers.items():
                self.link.putheader(name, value)
            self.link.endheaders(body)
            answer = self.link.getresponse()
            content = answer.read()
        except BROKEN:
            self.link.close()
            raise
        if answer.status >= 500:
            raise OSError(f"{answer.status} {content[:200]!r}")
        if answer.getheader("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return answer, content

    def pull(self) -> None:
        while True:
            cursor = f"cursor={self.cursor}&" if self.cursor else ""
            answer, content = self.ask("GET", f"/sync/v1/pull?{cursor}device={self.device}&brief=1&columns=1")
            if answer.status != 200:
                raise RuntimeError(f"pull: {answer.status} {content[:300]!r}")
            if not self.take(json.loads(content)):
                return

    def take(self, page: dict[str, Any]) -> bool:
        """Is there more?"""
        if page.get("reset"):
            self.jobs.clear()
        columns = page.get("jobs") or {}
        for job in (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)):
            self.jobs[job["id"]] = job
            for closure in job["closures"]:
                for photo in closure["photos"]:
                    if photo["state"] != "awaited":
                        self.photos.pop(photo["id"], None)
        for case_id in page.get("gone", ()):
            self.jobs.pop(case_id, None)
        for operation in page.get("operations", ()):
            self.outbox.pop(operation, None)
        self.cursor = page["cursor"]
        return bool(page.get("more"))

    def close(self, case_id: int, photos: int, size: int, outcome: str) -> None:
        self.seq += 1
        closure = uuid_of(f"{self.name}/{case_id}")
        refs = []
        for i in range(photos):
            content, photo = photo_bytes(f"{closure}/{i}", size), uuid_of(f"{closure}/{i}")
            self.photos[photo] = (closure, content)
            refs.append({"id": photo, "sha256": hashlib.sha256(content).hexdigest(), "size": size, "kind": "after"})
        self.outbox[closure] = {
            "id": closure,
            "seq": self.seq,
            "kind": "close",
            "case": case_id,
            "round": self.jobs[case_id]["round"],
            "made_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "age_ms": 0,
            "payload": {"outcome": outcome, "note": f"Done by {self.name}.", "photos": refs},
            "sent": False,
        }

    def sync(self) -> None:
        """Operations, the city's truth, photos, the truth again: pwa/src/loop/run.ts."""
        page = None
        while due := [o for o in self.outbox.values() if not o["sent"]]:
            operations = [{k: v for k, v in o.items() if k != "sent"} for o in due[:MAX_OPERATIONS]]
            request = {"v": 1, "device": self.device, "app": "bench", "operations": operations}
            if self.cursor and len(due) <= MAX_OPERATIONS:
                request["cursor"] = self.cursor
            body = json.dumps(request, separators=(",", ":")).encode()
            answer, content = self.ask("POST", "/sync/v1/push", body, Content_Type="application/json")
            if answer.status != 200:
                raise RuntimeError(f"push: {answer.status} {content[:300]!r}")
            said = json.loads(content)
            for result in said["results"]:
                self.outbox[result["id"]]["sent"] = True
            page = said.get("page")
        if page is None or self.take(page):
            self.pull()
        had_photos = bool(self.photos)
        for photo, (_, content) in list(self.photos.items()):
            self.send_photo(photo, content)
        if had_photos:
            self.pull()

    def send_photo(self, photo: str, content: bytes) -> None:
        tus = {"Tus_Resumable": "1.0.0"}
        words = ("photo", photo), ("sha256", hashlib.sha256(content).hexdigest())
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in words)
        answer, said = self.ask("POST", "/sync/v1/photos", Upload_Length=str(len(content)), Upload_Metadata=metadata, **tus)
        if answer.status != 201:
            raise RuntimeError(f"create: {answer.status} {said[:300]!r}")
        path = re.sub(r"^https?://[^/]+", "", answer.getheader("Location", ""))
        offset = int(answer.getheader("Upload-Offset", "0"))
        while offset < len(content):
            piece = content[offset : offset + PIECE_BYTES]
            checksum = "sha256 " + base64.b64encode(hashlib.sha256(piece).digest()).decode()
            headers = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": str(offset), "Upload_Checksum": checksum}
            answer, said = self.ask("PATCH", path, piece, **headers, **tus)
            if answer.status not in (204, 409):
                raise RuntimeError(f"patch: {answer.status} {said[:300]!r}")
            if answer.status == 409:
                answer, _ = self.ask("HEAD", path, **tus)
            offset = int(answer.getheader("Upload-Offset", "0"))
        self.photos.pop(photo)

    @property
    def is_done(self) -> bool:
        return not self.outbox and not self.photos


phones: dict[str, Phone] = {}


def push(phone: Phone, most: int) -> dict[str, Any]:
    for attempt in range(1, most + 1):
        try:
            phone.sync()
            return {"attempts": attempt, "done": phone.is_done}
        except BROKEN as error:
            trouble = repr(error)
            time.sleep(0.02)
    return {"attempts": most, "done": False, "error": trouble}


def storm(names: list[str], within_s: float) -> list[float]:
    seconds = [0.0] * len(names)

    def come_back(i: int) -> None:
        time.sleep(i / len(names) * within_s)
        began = time.perf_counter()
        for _ in range(20):
            if push(phones[names[i]], 1)["done"]:
                break
            time.sleep(0.2)
        seconds[i] = time.perf_counter() - began

    threads = [threading.Thread(target=come_back, args=(i,)) for i in range(len(names))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds


def obey(command: dict[str, Any]) -> dict[str, Any]:
    match command["do"]:
        case "open":
            phones[command["phone"]] = Phone(command["phone"], command["port"], command["cookie"])
        case "pull":
            phones[command["phone"]].pull()
            return {"jobs": len(phones[command["phone"]].jobs)}
        case "close":
            for case_id in command["cases"]:
                phones[command["phone"]].close(case_id, command["photos"], command["size"], command["outcome"])
            operations = [{k: v for k, v in o.items() if k != "sent"} for o in phones[command["phone"]].outbox.values()]
            return {"json_bytes": len(json.dumps(operations, separators=(",", ":")))}
        case "push":
            return push(phones[command["phone"]], command["most"])
        case "storm":
            return {"seconds": storm(command["phones"], command["within_s"])}
        case "forget":
            phones.pop(command["phone"]).link.close()
    return {}


def main() -> None:
    for line in sys.stdin:
        began = time.perf_counter()
        try:
            answer = obey(json.loads(line))
        except Exception as error:
            answer = {"failed": repr(error)}
        print(json.dumps({**answer, "s": time.perf_counter() - began}), flush=True)


if __name__ == "__main__":
    main()
