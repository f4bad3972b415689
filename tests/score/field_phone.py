"""A simulated phone: it works through its jobs over the real HTTP API and writes down every answer it was given.

It keeps an operation until it is acknowledged and sends it again with the same id, as the phone app does; it sends some
acknowledged ones again, too, as a phone does whose answer was lost. It believes nothing but answers of ours.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import io
import json
import random
import socket
import threading
import time
import uuid
from collections import Counter, deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from seeded_city import PASSWORD, email_of

API = "/sync/v1"
HEADERS = {"X-Crew311": "1"}
TUS = {**HEADERS, "Tus-Resumable": "1.0.0"}
ANSWER_WITHIN_S = 15


class Ledger:
    """What the phones know, one JSON line each, in the order in which they learned it."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "a", buffering=1)  # noqa: SIM115
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def write(self, what: str, **facts: Any) -> None:
        with self._lock:
            self.counts[what] += 1
            self._file.write(json.dumps({"what": what, "at": time.time(), **facts}) + "\n")

    def close(self) -> None:
        self._file.close()


class NotTaken(Exception):
    """The city answered, but not with what was asked for: try again later."""


def noisy_jpeg(chance: random.Random, size: int) -> bytes:
    """A real JPEG of about `size` bytes that no compression makes smaller."""
    side = max(16, int((size / 0.68) ** 0.5))
    picture = Image.frombytes("RGB", (side, side), chance.randbytes(side * side * 3))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


class FieldPhone(threading.Thread):
    def __init__(
        self, number: int, port: int, ledger: Ledger, seed: int, *, photos_in: float = 0.35, keep_in: Path | None = None
    ) -> None:
        """`photos_in`: the share of closings that bring photos; `keep_in`: where to keep the pictures, by digest."""
        super().__init__(name=f"phone {number}", daemon=True)
        self.number, self.port, self.ledger = number, port, ledger
        self.photos_in, self.keep_in = photos_in, keep_in
        self.chance = random.Random(f"{seed}/{number}")
        self.device = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        self.seq = 0
        self.cookie: str | None = None
        self.cursor: str | None = None
        self.has_jobs = False
        self.jobs: deque[dict[str, Any]] = deque()
        self.outbox: deque[dict[str, Any]] = deque()
        self.received: deque[dict[str, Any]] = deque(maxlen=20)
        self.photos: deque[dict[str, Any]] = deque()
        self.stored: set[str] = set()
        self.statuses: Counter[int] = Counter()
        self.connection: http.client.HTTPConnection | None = None
        self.exchanges = 0  # on this connection
        self.making, self.going = True, True

    # --- the loop

    def run(self) -> None:
        while self.going:
            try:
                self.step()
            except (OSError, http.client.HTTPException, NotTaken):
                self.hang_up()
                time.sleep(self.chance.uniform(0.005, 0.06))

    def step(self) -> None:
        """One thing: sign in, pull, push, or send a photo."""
        if self.cookie is None:
            self.sign_in()
        elif not self.has_jobs or self.chance.random() < 0.003:
            self.pull()
        elif self.photos and (self.chance.random() < 0.7 or not (self.making or self.outbox)):
            self.send_photo(self.photos[0])
        elif self.outbox or (self.making and self.jobs):
            self.push()
        else:
            time.sleep(0.01)

    def is_done(self) -> bool:
        return not (self.outbox or self.photos)

    def hang_up(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_WITHIN_S)
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.exchanges = 0
        if self.cookie:
            headers["Cookie"] = self.cookie
        self.connection.putrequest(method, path, skip_accept_encoding=True)
        if body is not None:
            headers["Content-Length"] = str(len(body))
        for name, value in headers.items():
            self.connection.putheader(name, value)
        self.connection.endheaders()
        if body:
            self._send_body(body)
        answer = self.connection.getresponse()
        content = answer.read()
        self.exchanges += 1
        self.statuses[answer.status] += 1
        if answer.will_close:
            self.hang_up()
        return answer, content

    def _send_body(self, body: bytes) -> None:
        """Some bodies dribble in, so that some kills come in the middle of one."""
        assert self.connection
        if len(body) > 4096 and self.chance.random() < 0.15:
            cut = self.chance.randrange(1, len(body))
            self.connection.send(body[:cut])
            time.sleep(self.chance.uniform(0.001, 0.05))
            body = body[cut:]
        self.connection.send(body)

    def answer_place(self) -> dict[str, int]:
        """Which answer on which connection this was: a tracer of the server finds the moment it was sent."""
        if self.connection is None or self.connection.sock is None:
            return {}
        return {"port": self.connection.sock.getsockname()[1], "answer": self.exchanges}

    # --- sign in, pull

    def sign_in(self) -> None:
        body = json.dumps({"email": email_of(self.number), "password": PASSWORD}).encode()
        answer, _ = self.ask("POST", f"{API}/sign-in", body, **HEADERS, **{"Content-Type": "application/json"})
        if answer.status != 200:
            raise NotTaken
        self.cookie = (answer.headers["Set-Cookie"] or "").split(";")[0]

    def pull(self, whole: bool = False) -> None:
        """`whole`: as a phone that lost its cursor."""
        cursor = "" if whole or self.cursor is None else f"&cursor={self.cursor}"
        answer, content = self.ask("GET", f"{API}/pull?device={self.device}{cursor}")
        if answer.status != 200:
            raise NotTaken
        page = json.loads(content)
        if not self.has_jobs:
            self.jobs.extend(page["jobs"])
            self.has_jobs = not page["more"]
        self.cursor = page["cursor"]
        self.stored.update(page["operations"])

    # --- push

    def push(self) -> None:
        while self.making and self.jobs and len(self.outbox) < self.chance.randint(1, 4):
            self.work_on(self.jobs[0])
        sent = list(self.outbox)[:50]
        again = [self.chance.choice(self.received)] if self.received and self.chance.random() < 0.1 else []
        envelope = {"v": 1, "device": self.device, "app": "score", "operations": again + sent}
        body = json.dumps(envelope).encode()
        answer, content = self.ask("POST", f"{API}/push", body, **HEADERS, **{"Content-Type": "application/json"})
        if answer.status != 200 or answer.headers.get_content_type() != "application/json":
            raise NotTaken
        place = self.answer_place()
        results = json.loads(content)["results"]
        if len(results) != len(again) + len(sent):
            self.ledger.write("broken", rule="a push is answered whole", device=self.device)
            raise NotTaken
        for operation, result in zip(again + sent, results, strict=True):
            if result["id"] != operation["id"]:
                self.ledger.write("broken", rule="answers echo the ids, in order", operation=operation["id"])
                continue
            self.ledger.write("acknowledged", operation=operation["id"], verdict=result["verdict"], **place)
        for operation in sent:
            assert self.outbox.popleft() is operation
            self.received.append(operation)

    def work_on(self, job: dict[str, Any]) -> None:
        """The next deed at this job; the last one closes it."""
        done = job.setdefault("done", [])
        kind = self.chance.choices(("en_route", "on_site", "note", "close"), (1, 1, 2, 5))[0]
        if kind in done and kind != "note":
            kind = "close"
        payload: dict[str, Any] = {}
        if kind == "note":
            payload = {"text": f"Note {uuid.UUID(int=self.chance.getrandbits(128))}"}
        elif kind == "close":
            payload = {"outcome": "fixed", "note": f"Filled, {self.chance.randint(1, 9)} bags.", "photos": self.take_pictures()}
            self.jobs.popleft()
        done.append(kind)
        self.seq += 1
        operation = {
            "id": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            "seq": self.seq,
            "kind": kind,
            "case": job["id"],
            "round": job["round"],
            "made_at": datetime.now(UTC).isoformat(),
            "age_ms": 0,
            "payload": payload,
        }
        self.ledger.write("made", device=self.device, operation=operation)
        self.outbox.append(operation)

    # --- photos

    def take_pictures(self) -> list[dict[str, Any]]:
        if self.chance.random() >= self.photos_in:
            return []
        return [self._take_picture() for _ in range(self.chance.randint(1, 2))]

    def _take_picture(self) -> dict[str, Any]:
        # Most are small, to have many; a few are longer than the piece that the server flushes at once.
        size = 600_000 if self.chance.random() < 0.03 else self.chance.randint(20_000, 60_000)
        content = noisy_jpeg(self.chance, size)
        digest = hashlib.sha256(content).hexdigest()
        if self.keep_in:
            (self.keep_in / digest).write_bytes(content)
        ref = {
            "id": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            "sha256": digest,
            "size": len(content),
            "kind": "after",
        }
        self.photos.append({**ref, "content": content, "address": None, "known": 0})
        return ref

    def send_photo(self, photo: dict[str, Any]) -> None:
        """Find out how far it is, go on from there; some photos take more than one request."""
        offset = self._find_offset(photo)
        while offset < photo["size"]:
            end = photo["size"] if self.chance.random() < 0.7 else self.chance.randint(offset + 1, photo["size"])
            answer, _ = self.ask(
                "PATCH",
                photo["address"],
                photo["content"][offset:end],
                **TUS,
                **{"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)},
            )
            if answer.status != 204:
                if answer.status in (409, 413, 460):
                    self.ledger.write("refused", photo=photo["id"], status=answer.status, offset=offset)
                raise NotTaken
            offset = self._learn_offset(photo, answer)
        self.photos.remove(photo)
        self.ledger.write("complete", photo=photo["id"], sha256=photo["sha256"], size=photo["size"], **self.answer_place())

    def _find_offset(self, photo: dict[str, Any]) -> int:
        if photo["address"] and self.chance.random() < 0.8:
            answer, _ = self.ask("HEAD", photo["address"], **TUS)
            if answer.status != 200:
                if answer.status == 404:
                    self.ledger.write("broken", rule="an announced upload is not forgotten", photo=photo["id"])
                    photo["address"] = None
                raise NotTaken
        else:
            pairs = (("photo", photo["id"]), ("sha256", photo["sha256"]))
            metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs)
            announced = {"Upload-Length": str(photo["size"]), "Upload-Metadata": metadata, "Content-Length": "0"}
            answer, _ = self.ask("POST", f"{API}/photos", **TUS, **announced)
            if answer.status != 201:
                raise NotTaken
            photo["address"] = answer.headers["Location"]
        return self._learn_offset(photo, answer)

    def _learn_offset(self, photo: dict[str, Any], answer: http.client.HTTPResponse) -> int:
        offset = int(answer.headers["Upload-Offset"])
        if offset < photo["known"]:
            self.ledger.write(
                "broken", rule="an acknowledged offset never shrinks", photo=photo["id"], was=photo["known"], now=offset
            )
        photo["known"] = offset
        self.ledger.write(
            "offset",
            upload=photo["address"].rsplit("/", 1)[1],
            photo=photo["id"],
            offset=offset,
            prefix=hashlib.sha256(photo["content"][:offset]).hexdigest(),
            **self.answer_place(),
        )
        return offset
