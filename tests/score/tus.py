"""score-tus: others' tus clients, unmodified, against our server: 20 of 20 photos each, byte for byte.

    python tests/score/tus.py

tuspy and tus-js-client upload through a proxy that cuts connections at random bytes, while the server is killed twice.
The clients are installed below .cache/, from the package registries, and are no dependency of the project.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from cutting_proxy import CuttingProxy, random_cuts
from disk_checker import prefix_digest, stored_photo
from field_phone import API, HEADERS, noisy_jpeg
from live_server import LiveServer
from scoreline import ROOT, Score
from seeded_city import PASSWORD, CitySpec, email_of, seed_city

HERE = Path(__file__).parent
CACHE = ROOT / ".cache" / "score-tus"
TUSPY, TUS_JS = "tuspy==1.1.0", "tus-js-client@4.3.1"
CHUNK_BYTES = 100_000
KILLS_AFTER = (5, 13)  # photos
UPLOADS_WITHIN_S = 180


class NoClient(Exception):
    """A client cannot be had here."""


@dataclass
class Interop:
    client: str
    equal: int
    photos: int
    cuts: int
    kills: int
    tries: int
    connections: int
    payload: int
    bytes_up: int

    def figures(self) -> dict[str, object]:
        again = max(0, self.bytes_up - self.payload)
        return {
            "equal": f"{self.equal} of {self.photos}",
            "cuts": self.cuts,
            "kills": self.kills,
            "connections": self.connections,
            "payload_bytes": self.payload,
            "bytes_beyond_payload": again,  # sent again, and all headers
            "bytes_beyond_payload_per_cut": again // max(1, self.cuts + self.kills),
        }


def install_tuspy() -> list[str]:
    """The command that runs Python with tuspy; made once."""
    python = CACHE / "venv" / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
        if uv is None:
            raise NoClient("uv is missing")
        run_quietly([uv, "venv", "--quiet", "--python", sys.executable, str(CACHE / "venv")])
        run_quietly([uv, "pip", "install", "--quiet", "--python", str(python), TUSPY])
    return [str(python), str(HERE / "tus_with_tuspy.py")]


def install_tus_js() -> list[str]:
    """The command that runs node with tus-js-client; made once."""
    bin_folder = str(Path(sys.executable).parent)
    node, npm = (shutil.which(name, path=bin_folder) or shutil.which(name) for name in ("node", "npm"))
    if node is None or npm is None:
        raise NoClient("node or npm is missing")
    if not (CACHE / "js" / "node_modules" / "tus-js-client").is_dir():
        (CACHE / "js").mkdir(parents=True, exist_ok=True)
        quiet = ["--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]
        run_quietly([npm, "install", *quiet, "--prefix", str(CACHE / "js"), TUS_JS])
    return [node, str(HERE / "tus_with_js.cjs")]


def run_quietly(command: list[str]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoClient(f"{Path(command[0]).name} failed: {done.stderr.strip()[-300:]}")


def session_cookie(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = json.dumps({"email": email_of(1), "password": PASSWORD})
    connection.request("POST", f"{API}/sign-in", body, {**HEADERS, "Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    return (answer.headers["Set-Cookie"] or "").split(";")[0]


def take_pictures(folder: Path, count: int, chance: random.Random) -> list[dict[str, object]]:
    """Real JPEGs of 100 kB to 900 kB: several of the server's pieces each."""
    files = []
    for number in range(count):
        content = noisy_jpeg(chance, chance.randint(100_000, 900_000))
        path = folder / f"{number}.jpg"
        path.write_bytes(content)
        photo = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        files.append({"path": str(path), "photo": photo, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)})
    return files


def upload_all(client: str, command: list[str], photos: int, seed: int, say: Callable[[str], None]) -> Interop:
    chance = random.Random(f"{seed}/{client}")
    with tempfile.TemporaryDirectory(prefix="crew311-tus-") as temporary:
        folder = Path(temporary)
        (folder / "pictures").mkdir()
        files = take_pictures(folder / "pictures", photos, chance)
        seed_city(folder / "city", CitySpec(1, 1, seed))
        with closing(LiveServer(folder / "city")) as server:
            server.start()
            cookie = session_cookie(server.port)
            with closing(CuttingProxy(server.port, random_cuts(seed, 1.0, 1_500_000))) as proxy:
                order = {
                    "address": f"http://127.0.0.1:{proxy.port}{API}/photos",
                    "headers": {**HEADERS, "Cookie": cookie},
                    "files": files,
                    "storage": str(folder / "urls.json"),
                    "chunk_bytes": CHUNK_BYTES,
                    "modules": str(CACHE / "js" / "node_modules"),
                }
                kills, tries = run_client(command, order, server, chance, folder / "client.log", say)
                traffic = proxy.traffic
        equal = count_equal(folder / "city", files)
    return Interop(
        client,
        equal,
        photos,
        traffic.cuts,
        kills,
        tries,
        traffic.connections,
        sum(int(str(file["size"])) for file in files),
        traffic.bytes_up,
    )


def run_client(
    command: list[str], order: dict[str, object], server: LiveServer, chance: random.Random, log: Path, say: Callable[[str], None]
) -> tuple[int, int]:
    """Let the client work; kill the server in the middle of two photos. (kills, tries of the client)."""
    kills, tries, done = 0, 0, 0
    with open(log, "wb") as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
        watchdog = threading.Timer(UPLOADS_WITHIN_S, process.kill)
        watchdog.start()
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(order))
        process.stdin.close()
        for line in process.stdout:
            said = json.loads(line)
            tries = said.get("tries", tries)
            done += "photo" in said
            if "photo" in said and done in KILLS_AFTER:
                threading.Event().wait(chance.uniform(0.005, 0.05))
                server.kill()
                server.start()
                kills += 1
        process.wait(10)
        watchdog.cancel()
    if process.returncode:
        say(f"the client gave up: {log.read_text()[-600:]}")
    return kills, tries


def count_equal(city: Path, files: list[dict[str, object]]) -> int:
    """Photos that the database calls complete and the disk holds byte for byte; read without the app."""
    with closing(sqlite3.connect(city / "crew311.sqlite")) as connection:
        complete = dict(connection.execute("SELECT photo_id, sha256 FROM uploads WHERE completed_at IS NOT NULL"))
    return sum(
        complete.get(str(file["photo"])) == file["sha256"]
        and prefix_digest(stored_photo(city / "photos", str(file["sha256"])), int(str(file["size"]))) == file["sha256"]
        for file in files
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--photos", type=int, default=20)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = options.parse_args()
    score = Score("score-tus", "photos not equal byte for byte after others' clients resumed them: 0")
    score.say(f"seed {given.seed}")
    figures, missing, n, skipped = {}, 0, 0, []
    for client, install in ((TUSPY, install_tuspy), (TUS_JS, install_tus_js)):
        try:
            command = install()
        except NoClient as reason:
            score.say(f"{client}: skipped: {reason}")
            skipped.append(f"{client}: {reason}")
            continue
        result = upload_all(client, command, given.photos, given.seed, score.say)
        figures[client] = result.figures()
        score.say(f"{client}: {figures[client]}")
        n += result.photos
        missing += result.photos - result.equal
        if result.equal < result.photos:
            score.fail(f"{client}: {result.photos - result.equal} photos are not here as they were sent")
        if result.cuts < 20 or result.kills < len(KILLS_AFTER):
            score.fail(f"{client}: too little was cut and killed to say anything")
    if skipped:
        return score.finish(missing if n else None, n, skipped=skipped, **figures, seed=given.seed)
    return score.finish(missing, n, **figures, seed=given.seed)


if __name__ == "__main__":
    sys.exit(main())
