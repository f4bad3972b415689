"""A TCP proxy that counts what passes, and can cut the link."""

from __future__ import annotations

import asyncio
import random
import re
import threading

ANSWER = re.compile(rb"HTTP/1\.1 [2-5]\d\d ")


class Proxy:
    """127.0.0.1:port -> 127.0.0.1:target_port, in a thread of its own. Counts payload bytes of TCP, not its headers."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.open: set[_Side] = set()
        self.reset()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait(10)

    def reset(self, cut_every: int | None = None) -> None:
        """Start counting anew; from now on the link breaks whenever about so many bytes have gone up."""
        self.up = self.down = self.requests = self.cuts = self.connections = 0
        self.cut_every, self._dice = cut_every, random.Random(311)
        self._until_cut = self._next_cut()

    def _run(self, ready: threading.Event) -> None:
        async def serve() -> None:
            server = await self._loop.create_server(lambda: _Side(self, None), "127.0.0.1", 0, backlog=1024)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()

        self._loop.run_until_complete(serve())
        self._loop.run_forever()

    def take(self, data: bytes, is_up: bool) -> tuple[bytes, bool]:
        """(what of it passes, does the link break then?); counts what passes."""
        if not is_up:
            self.down += len(data)
            return data, False
        is_cut = self._until_cut is not None and len(data) >= self._until_cut
        if self._until_cut is not None:
            data = data[: self._until_cut]
            self._until_cut -= len(data)
        self.up += len(data)
        if is_cut:
            self.cuts += 1
            self._until_cut = self._next_cut()
        return data, is_cut

    def _next_cut(self) -> int | None:
        """Not always at the same place of a photo: within half more or less, the same places for everybody."""
        return int(self.cut_every * self._dice.uniform(0.5, 1.5)) if self.cut_every else None


class _Side(asyncio.Protocol):
    """One end of a connection; `other` is the end it passes everything to."""

    def __init__(self, proxy: Proxy, other: _Side | None) -> None:
        self.proxy, self.other, self.is_client = proxy, other, other is None
        self.early: list[bytes] = []
        self.tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.proxy.open.add(self)
        if self.is_client:
            self.proxy.connections += 1
            loop = asyncio.get_running_loop()
            self._connecting = loop.create_task(self._connect(loop))
        else:
            assert self.other
            self.other.other = self
            for piece in self.other.early:
                self.transport.write(piece)

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            await loop.create_connection(lambda: _Side(self.proxy, self), "127.0.0.1", self.proxy.target_port)
        except OSError:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        data, is_cut = self.proxy.take(data, self.is_client)
        if self.other is None:
            self.early.append(data)
        else:
            self.other.transport.write(data)
        if not self.is_client:
            text = self.tail + data
            self.proxy.requests += len(ANSWER.findall(text))
            self.tail = text[-12:] if not ANSWER.search(text[-12:]) else b""
        if is_cut:
            for side in tuple(self.proxy.open):
                if side.is_client:
                    side.transport.abort()  # the phone: connection reset. The server gets what had passed, then an end.

    def pause_writing(self) -> None:
        if self.other:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other:
            self.other.transport.resume_reading()

    def connection_lost(self, _reason: Exception | None) -> None:
        self.proxy.open.discard(self)
        if self.other and not self.other.transport.is_closing():
            self.other.transport.close()
