"""A TCP proxy that cuts connections after so many bytes, and counts what went through."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

PIECE_BYTES = 8192


@dataclass
class Cut:
    """When to cut a connection: after so many bytes up (client to server) or down; None: never. Pause per piece in s."""

    after_up: int | None = None
    after_down: int | None = None
    delay_s: float = 0.0


@dataclass
class Traffic:
    connections: int = 0
    cuts: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    refused: int = 0  # the server was not there
    cut_at: list[int] = field(default_factory=list)


class CuttingProxy:
    """Runs in a thread of its own. `plan` says for each new connection when it is cut."""

    def __init__(self, server_port: int, plan: Callable[[], Cut]) -> None:
        self.server_port, self.plan = server_port, plan
        self.traffic = Traffic()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._up.wait(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = listening.sockets[0].getsockname()[1]
        self._up.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._end(listening))
        self._loop.close()

    async def _end(self, listening: asyncio.Server) -> None:
        """Leave no socket behind: a cancelled connection resets both its sides, and the loop gets a turn to close them."""
        listening.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(3):
            await asyncio.sleep(0)

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.traffic.connections += 1
        cut = self.plan()
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            self.traffic.refused += 1
            reset(to_client)
            return
        both = (
            asyncio.ensure_future(self._pump(from_client, to_server, cut.after_up, cut.delay_s, True)),
            asyncio.ensure_future(self._pump(from_server, to_client, cut.after_down, cut.delay_s, False)),
        )
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if any(task.result() for task in done if not task.cancelled()):
                self.traffic.cuts += 1
        finally:
            for task in both:
                task.cancel()
            reset(to_client)
            reset(to_server)

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, limit: int | None, delay_s: float, is_up: bool
    ) -> bool:
        """Pass bytes on; True if the connection is to be cut now, False if the sender ended it."""
        passed = 0
        while True:
            try:
                piece = await source.read(PIECE_BYTES)
                if not piece:
                    await target.drain()
                    return False
                if is_up:
                    self.traffic.bytes_up += len(piece)
                else:
                    self.traffic.bytes_down += len(piece)
                if limit is not None and passed + len(piece) >= limit:
                    target.write(piece[: limit - passed])
                    await target.drain()
                    self.traffic.cut_at.append(limit)
                    return True
                target.write(piece)
                await target.drain()
            except OSError:
                return False
            passed += len(piece)
            if delay_s:
                await asyncio.sleep(delay_s)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a lost network does: with a reset and no goodbye."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def random_cuts(seed: int, share: float, most_bytes: int) -> Callable[[], Cut]:
    """A plan that cuts this share of the connections, at a random byte up, or (one in ten) down."""
    chance = random.Random(seed)

    def plan() -> Cut:
        if chance.random() >= share:
            return Cut()
        if chance.random() < 0.1:
            return Cut(after_down=chance.randint(1, 400))
        # From the headers to the last piece: as many cuts among the first hundreds of bytes as among the last.
        return Cut(after_up=int(most_bytes ** chance.uniform(0.4, 1)))

    return plan
