"""The way between a browser and the server, for streams too: it can be cut, with noise or without, and comes back."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading

PIECE_BYTES = 65536


class Link:
    """Listens on a port of its own. `noisy`: what is under way is reset, and new ones are refused; else all falls silent."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self._open = threading.Event()
        self._open.set()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._is_noisy = False
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"http://localhost:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *, noisy: bool) -> None:
        self._is_noisy = noisy
        self._open.clear()
        if noisy:
            self._reset_all()

    def heal(self) -> None:
        """What had fallen silent is reset: after a minute the routers between have forgotten it."""
        self._reset_all()
        self._open.set()

    def close(self) -> None:
        self._listening.close()
        self._reset_all()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _ = self._listening.accept()
                if not self._open.is_set() and self._is_noisy:
                    _reset(browser)
                    continue
                pair = (browser, socket.create_connection(("127.0.0.1", self.server_port)))
                self._pairs.add(pair)
                threading.Thread(target=self._carry, args=(pair,), daemon=True).start()

    def _carry(self, pair: tuple[socket.socket, socket.socket]) -> None:
        other = {pair[0]: pair[1], pair[1]: pair[0]}
        with contextlib.suppress(OSError, ValueError):
            while True:
                for ready in select.select(pair, [], [], 0.5)[0]:
                    self._open.wait()
                    piece = ready.recv(PIECE_BYTES)
                    if not piece:
                        raise OSError("one side has ended")
                    other[ready].sendall(piece)
        self._end(pair)

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self._pairs.discard(pair)
        for side in pair:
            side.close()

    def _reset_all(self) -> None:
        for pair in list(self._pairs):
            self._pairs.discard(pair)
            for side in pair:
                _reset(side)


def _reset(side: socket.socket) -> None:
    """RST, not a polite end."""
    with contextlib.suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        side.shutdown(socket.SHUT_RDWR)
    side.close()
