"""The proxy cuts where it is told to, and passes everything else."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cutting_proxy import Cut, CuttingProxy


@pytest.fixture
def sink() -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers "ok" at the end of what it gets: its port, and what it got, by connection."""
    got: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                content = b""
                try:
                    while piece := connection.recv(65536):
                        content += piece
                        if content.endswith(b"END"):
                            connection.sendall(b"ok")
                            break
                except OSError:
                    pass
                got.append(content)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1], got
    listening.close()


def send(port: int, content: bytes) -> bytes:
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(content)
            return connection.recv(10)
    except OSError:
        return b"cut"


def test_it_passes_what_it_is_not_told_to_cut(sink) -> None:
    port, got = sink
    with closing(CuttingProxy(port, Cut)) as proxy:
        assert send(proxy.port, b"x" * 100_000 + b"END") == b"ok"
        assert (len(got[0]), proxy.traffic.bytes_up, proxy.traffic.cuts) == (100_003, 100_003, 0)


def test_it_cuts_after_so_many_bytes_up(sink) -> None:
    port, got = sink
    with closing(CuttingProxy(port, lambda: Cut(after_up=5000))) as proxy:
        assert send(proxy.port, b"x" * 100_000 + b"END") in (b"", b"cut")
        assert proxy.traffic.cuts == 1
    assert all(len(content) <= 5000 for content in got)


def test_a_server_that_is_away_is_a_reset_and_no_error(sink) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = probe.getsockname()[1]
    with closing(CuttingProxy(nobody, Cut)) as proxy:
        assert send(proxy.port, b"x") in (b"", b"cut")
        assert proxy.traffic.refused == 1
