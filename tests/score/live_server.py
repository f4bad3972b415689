"""The real server (gunicorn and the whole app), started in a fraction of a second and killed without a goodbye.

A starter process imports everything once and forks for each start, so that sixty kills fit in a minute. What is forked
has opened no database and no socket: gunicorn begins from its own `run()`, as it does from the shell.

Planted faults (`SABOTAGES`) live here and only here: the app has no switch that makes it forgetful.
"""

from __future__ import annotations

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PR_SET_CHILD_SUBREAPER = 36
STARTS_WITHIN_S = 20


def adopt_orphans() -> None:
    """Let this process, and not the machine's first, be told when a child's children end: some first ones never ask."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LiveServer:
    """One city's web server on a port of its own; start it, kill it, start it again."""

    def __init__(self, folder: Path, database_url: str | None = None, sabotage: str = "", before: tuple[str, ...] = ()) -> None:
        """`before`: a command that is put in front, e.g. strace with its options."""
        self.folder, self.port = folder, free_port()
        environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "HUEY_URL", "PHOTO_FOLDER")}
        environment |= {"INSTANCE": str(folder), "PORT": str(self.port), "WEB_PROCESSES": "1", "WEB_THREADS": "32"}
        environment |= {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        if database_url:
            environment["DATABASE_URL"] = database_url
        self.log = folder / "server.log"
        with open(self.log, "ab") as log:
            self.starter = subprocess.Popen(
                [*before, sys.executable, __file__, sabotage],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.pid: int | None = None
        self._expect("ready")

    def start(self, wait: bool = True) -> None:
        self._tell("start")
        self.pid = int(self._expect("pid"))
        if wait:
            self.wait_until_up()

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self.is_up():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start; its last words:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.01)

    def is_up(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                return b" 200 " in connection.recv(100)
        except OSError:
            return False

    def kill(self) -> None:
        """kill -9 of master and worker at once; returns when both are gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.pid is None:
            return
        os.killpg(self.pid, number)
        self._expect("ended")
        self.pid = None

    def close(self) -> None:
        if self.starter.poll() is None:
            self.kill()
            assert self.starter.stdin
            self.starter.stdin.close()
            self.starter.wait(20)

    def _tell(self, word: str) -> None:
        assert self.starter.stdin
        self.starter.stdin.write(f"{word}\n")
        self.starter.stdin.flush()

    def _expect(self, word: str) -> str:
        assert self.starter.stdout
        line = self.starter.stdout.readline().split()
        if not line or line[0] != word:
            raise RuntimeError(f"the starter said {line!r} and not {word}; its last words:\n{self.log.read_text()[-3000:]}")
        return line[1] if len(line) > 1 else ""


# --- the starter: what `python live_server.py` runs


def run_starter(sabotage: str) -> None:
    """Read "start", fork a server, say its pid; say "ended" when it and all its children are gone. One at a time."""
    import gunicorn.app.wsgiapp
    import gunicorn.workers.gthread
    from sqlalchemy.orm import configure_mappers

    import crew_app.factory  # noqa: F401

    configure_mappers()  # once, not in each start's first request
    if sabotage:
        SABOTAGES[sabotage]()
    # A killed master's worker must be seen to end: until then it holds the port and the files.
    adopt_orphans()
    print("ready", flush=True)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become_server(gunicorn.app.wsgiapp.run)
        print("pid", pid, flush=True)
        _wait_for_all()
        print("ended", flush=True)


def _become_server(run) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    sys.argv = ["gunicorn", "--config", "gunicorn.conf.py", "--log-level", "warning"]
    try:
        run()
    finally:
        os._exit(1)


def _wait_for_all() -> None:
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


# --- planted faults: a score that does not see them is blind, and says so


def one_in_ten() -> bool:
    """Not counted: a server that lives for half a second may not come to ten."""
    return random.SystemRandom().random() < 0.1


def forget_to_flush() -> None:
    """SQLite as much published advice has it: commits are not flushed."""
    from crew_app import extensions

    extensions.SQLITE_PRAGMAS = tuple(p.replace("synchronous=FULL", "synchronous=NORMAL") for p in extensions.SQLITE_PRAGMAS)
    extensions.assert_durable = lambda engine: None


def forget_to_flush_photos() -> None:
    """Photos stored without a flush, of their bytes or their folders."""
    from crew_app.adapters import photo_store
    from crew_app.routes import uploads
    from crew_app.services import photos

    def write_only(descriptor: int, offset: int, chunk: bytes) -> None:
        os.ftruncate(descriptor, offset)
        os.pwrite(descriptor, chunk, offset)

    photos.write_durably = uploads.write_durably = write_only
    photo_store.flush = photos.flush = lambda path: None


def answer_without_commit() -> None:
    """One transaction in ten is answered as done and rolled back."""
    from sqlalchemy.orm import Session

    commit = Session.commit

    def forgetful(session: Session) -> None:
        if one_in_ten():
            session.rollback()
        else:
            commit(session)

    Session.commit = forgetful  # type: ignore[method-assign]


def change_a_stored_photo() -> None:
    """One stored photo in ten loses a bit after it was verified."""
    from crew_app.adapters.photo_store import DiskPhotoStore

    put = DiskPhotoStore.put

    def careless(store: DiskPhotoStore, name: str, source: Path) -> None:
        if one_in_ten():
            with open(source, "r+b") as file:
                file.seek(100)
                byte = file.read(1)
                file.seek(100)
                file.write(bytes([byte[0] ^ 1]))
        put(store, name, source)

    DiskPhotoStore.put = careless  # type: ignore[method-assign]


def apply_notes_twice() -> None:
    """One note in ten is written twice."""
    from crew_app.services import deeds

    write_note = deeds.write_note

    def doubled(tx, case_id: int, text: str, person_id: int, **more):
        if one_in_ten():
            write_note(tx, case_id, text, person_id)
        return write_note(tx, case_id, text, person_id, **more)

    deeds.write_note = doubled


def count_nobody() -> None:
    """No fault: how often somebody may ask is not counted, for whoever asks a thousand things on purpose."""
    from crew_app import limits
    from crew_app.routes import open311

    limits.count = open311.count = lambda name, per_minute: None


SABOTAGES = {
    "forget-to-flush": forget_to_flush,
    "forget-to-flush-photos": forget_to_flush_photos,
    "answer-without-commit": answer_without_commit,
    "change-a-stored-photo": change_a_stored_photo,
    "apply-notes-twice": apply_notes_twice,
    "count-nobody": count_nobody,
}

if __name__ == "__main__":
    run_starter(sys.argv[1])
