"""A bad network between a real browser and a real server: an HTTP/1.1 proxy whose every exchange can be spoilt.

It runs in a thread of its own; the test tells it, before or meanwhile, what happens to which request:

    proxy.next("POST", "/sync/v1/push", lose_reply())     # the next one that fits
    proxy.always("PATCH", "/sync/v1/photos", refuse())    # until heal()

One exchange per connection, so a reset hits one request only. All that goes to /sync/ is written down in `log`: what the
server was asked, what it answered, and whether the phone got that answer whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

MOST_HEAD_BYTES = 64 * 1024
Act = Callable[["Exchange"], Awaitable[None]]


@dataclass(frozen=True)
class Reply:
    status: int
    head: bytes  # the status line and the header lines, without the empty line
    body: bytes

    def header(self, name: str) -> str:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name.lower().encode():
                return value.strip().decode("latin-1")
        return ""

    def with_body(self, body: bytes) -> Reply:
        """The same answer saying other bytes, and saying so in its length."""
        return Reply(self.status, with_header(self.head, "Content-Length", str(len(body))), body)


def with_header(head: bytes, name: str, value: str) -> bytes:
    lines = head.split(b"\r\n")
    kept = [line for line in lines[1:] if line.partition(b":")[0].strip().lower() != name.lower().encode()]
    return b"\r\n".join([lines[0], *kept, f"{name}: {value}".encode()])


@dataclass
class Exchange:
    """One request on its way. The last fields are the record that stays in the log."""

    proxy: Proxy
    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)
    method: str
    path: str
    head: bytes = field(repr=False)
    body: bytes = field(repr=False)
    at: float = field(default_factory=time.monotonic)
    answers: list[Reply] = field(default_factory=list, repr=False)  # what the server said; the phone may never hear it
    told: int | None = None  # the status that reached the phone whole, the city's or somebody else's
    is_spoilt: bool = False

    async def ask(self, body: bytes | None = None, head: bytes | None = None, *, stop_at: int | None = None) -> Reply | None:
        """Bring the request to the server; None if it did not answer whole. `stop_at` body bytes, then a reset."""
        head = with_header(self.head if head is None else head, "Connection", "close")
        body = self.body if body is None else body
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.server_port)
        except OSError:
            return None
        try:
            writer.write(head + b"\r\n\r\n" + (body if stop_at is None else body[:stop_at]))
            await writer.drain()
            if stop_at is not None:
                await asyncio.sleep(0.05)
                reset(writer)
                return None
            raw = await reader.read()
        except OSError:
            return None
        finally:
            writer.close()
        reply = parse_reply(raw)
        if reply is not None:
            self.answers.append(reply)
        return reply

    async def give(self, reply: Reply | None, *, only: int | None = None, bytes_per_s: Callable[[], float] | None = None) -> None:
        """Hand an answer to the phone; of its body only the first bytes, or slowly, if so wished. None: a reset."""
        if reply is None:
            self.reset()
            return
        try:
            raw = with_header(reply.head, "Connection", "close") + b"\r\n\r\n" + reply.body
            if only is not None:
                self.writer.write(raw[: len(raw) - len(reply.body) + only])
                await self.writer.drain()
                await asyncio.sleep(0.05)
                self.reset()
                return
            if bytes_per_s is None:
                self.writer.write(raw)
            else:
                await self._dribble(raw, bytes_per_s)
            await self.writer.drain()
            self.told = reply.status
        except OSError:
            pass
        finally:
            self.writer.close()

    async def _dribble(self, raw: bytes, bytes_per_s: Callable[[], float]) -> None:
        at = 0
        while at < len(raw):
            rate = bytes_per_s()
            piece = max(1, int(rate * 0.2)) if rate != float("inf") else len(raw)
            self.writer.write(raw[at : at + piece])
            await self.writer.drain()
            at += piece
            await asyncio.sleep(piece / rate if rate != float("inf") else 0)

    def reset(self) -> None:
        reset(self.writer)

    async def gone(self) -> None:
        """Until the phone gives up."""
        with contextlib.suppress(OSError):
            while await self.reader.read(1024):
                pass
        self.writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """RST, not a polite end."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def parse_reply(raw: bytes) -> Reply | None:
    head, separator, body = raw.partition(b"\r\n\r\n")
    if not separator:
        return None
    try:
        status = int(head.split(b" ", 2)[1])
    except (IndexError, ValueError):
        return None
    reply = Reply(status, head, body)
    if reply.header("Transfer-Encoding").lower() == "chunked":
        return reply if body.endswith(b"0\r\n\r\n") else None
    length = reply.header("Content-Length")
    bodiless = status in (204, 304)
    return reply if bodiless or not length or len(body) == int(length) or not body else None


@dataclass
class Rule:
    method: str
    path: str
    act: Act
    left: int | None  # how often it still applies; None: until heal()
    hits: int = 0

    def fits(self, method: str, path: str) -> bool:
        return self.left != 0 and self.method in ("", method) and path.startswith(self.path)


class Proxy:
    """Listens on a port of its own for one test's phones."""

    _loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, server_port: int, host: str = "localhost") -> None:
        self.server_port = server_port
        self.rules: list[Rule] = []
        self.log: list[Exchange] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.port = self._call(self._listen())
        self.address = f"http://{host}:{self.port}"

    @classmethod
    def loop(cls) -> asyncio.AbstractEventLoop:
        if cls._loop is None:
            cls._loop = asyncio.new_event_loop()
            threading.Thread(target=cls._loop.run_forever, name="fault proxy", daemon=True).start()
        return cls._loop

    def _call(self, work: Awaitable[Any]) -> Any:
        async def wrapped() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(wrapped(), self.loop()).result(20)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def close(self) -> None:
        async def end() -> None:
            assert self._server is not None
            self._server.close()
            for task in list(self._tasks):
                task.cancel()

        self._call(end())

    # ---- what shall happen -------------------------------------------------------------------------------------------

    def next(self, method: str, path: str, act: Act, times: int = 1) -> Rule:
        rule = Rule(method, path, act, times)
        self.rules.append(rule)
        return rule

    def always(self, method: str, path: str, act: Act) -> Rule:
        rule = Rule(method, path, act, None)
        self.rules.append(rule)
        return rule

    def cut_off(self) -> None:
        """No signal: nothing of the city's API gets anywhere."""
        self.always("", "/", refuse())

    def heal(self) -> None:
        self.rules = []

    def drop(self) -> None:
        """The phone changes its network: whatever is under way breaks."""

        def cancel() -> None:
            for task in list(self._tasks):
                task.cancel()

        self.loop().call_soon_threadsafe(cancel)

    # ---- what has happened -------------------------------------------------------------------------------------------

    def asked(self, method: str, path: str) -> list[Exchange]:
        return [it for it in list(self.log) if it.method == method and it.path.startswith(path)]

    def bytes_up(self, method: str, path: str) -> int:
        return sum(len(it.body) for it in self.asked(method, path))

    def keep(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Goes on beside its exchange, and ends with the proxy at the latest."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # ---- at work -----------------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._one(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            reset(writer)
        except asyncio.CancelledError:
            reset(writer)
        finally:
            self._tasks.discard(task)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
        method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
        body = await reader.readexactly(length) if length else b""
        exchange = Exchange(self, reader, writer, method, path, head, body)
        if path.startswith("/sync/"):
            self.log.append(exchange)
        rule = next((rule for rule in self.rules if rule.fits(method, path)), None)
        if rule is None:
            await exchange.give(await exchange.ask())
            return
        rule.hits += 1
        if rule.left is not None:
            rule.left -= 1
        exchange.is_spoilt = True
        await rule.act(exchange)


# ---- the faults ------------------------------------------------------------------------------------------------------


def pass_on() -> Act:
    async def act(it: Exchange) -> None:
        await it.give(await it.ask())

    return act


def refuse() -> Act:
    async def act(it: Exchange) -> None:
        it.reset()

    return act


def cut_after_request() -> Act:
    """The whole request has left when the link breaks; the server goes on with it."""

    async def act(it: Exchange) -> None:
        asking = it.proxy.keep(it.ask())
        await asyncio.sleep(0.01)
        it.reset()
        await asking

    return act


def lose_reply(then: Callable[[], object] | None = None) -> Act:
    """The server has committed and answered; the phone never hears it. `then` happens in between."""

    async def act(it: Exchange) -> None:
        await it.ask()
        if then is not None:
            await asyncio.to_thread(then)
        it.reset()

    return act


def before_it_arrives(then: Callable[[], object]) -> Act:
    """`then` happens while the request is under way; then it is brought on."""

    async def act(it: Exchange) -> None:
        await asyncio.to_thread(then)
        await it.give(await it.ask())

    return act


def while_at_work(then: Callable[[], object], after_s: float) -> Act:
    """`then` happens so long after the server got the whole request."""

    async def act(it: Exchange) -> None:
        asking = it.proxy.keep(it.ask())
        await asyncio.sleep(after_s)
        await asyncio.to_thread(then)
        await it.give(await asking)

    return act


def hang(*, up: bool) -> Act:
    """A one-way partition: with `up` the server hears the phone but not the other way round; without, it hears nothing."""

    async def act(it: Exchange) -> None:
        if up:
            await it.ask()
        await it.gone()

    return act


def delay(seconds: float) -> Act:
    async def act(it: Exchange) -> None:
        await asyncio.sleep(seconds / 2)
        reply = await it.ask()
        await asyncio.sleep(seconds / 2)
        await it.give(reply)

    return act


def hold(until: threading.Event) -> Act:
    """Brought on once the test says so; the phone may have gone by then."""

    async def act(it: Exchange) -> None:
        while not until.is_set():
            await asyncio.sleep(0.02)
        await it.give(await it.ask())

    return act


def answer(status: int, body: bytes = b"", kind: str = "text/html; charset=utf-8", **headers: str) -> Act:
    """Somebody who is not the city answers: a captive portal, a proxy."""

    async def act(it: Exchange) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await it.give(Reply(status, "\r\n".join(lines).encode(), body))

    return act


def cut_up(at: Callable[[int], int], then: Callable[[], object] | None = None) -> Act:
    """Of the request's body only the first bytes reach the server; then both ends see a reset."""

    async def act(it: Exchange) -> None:
        await it.ask(stop_at=at(len(it.body)))
        if then is not None:
            await asyncio.to_thread(then)
        it.reset()

    return act


def cut_down(at: Callable[[int], int]) -> Act:
    """The answer breaks off; its length says that there was more."""

    async def act(it: Exchange) -> None:
        reply = await it.ask()
        await it.give(reply, only=at(len(reply.body)) if reply else None)

    return act


def change_reply(by: Callable[[bytes], bytes]) -> Act:
    """The answer says something else, and its length agrees with it. (Compression is kept out, to reach the words.)"""

    async def act(it: Exchange) -> None:
        head = with_header(it.head, "Accept-Encoding", "identity")
        reply = await it.ask(head=with_header(with_header(head, "If-None-Match", "none"), "If-Modified-Since", ""))
        await it.give(reply and reply.with_body(by(reply.body)))

    return act


def change_request(by: Callable[[bytes], bytes]) -> Act:
    """Bytes change on the way up; as many as before."""

    async def act(it: Exchange) -> None:
        await it.give(await it.ask(by(it.body)))

    return act


def twice(*, at_once: bool) -> Act:
    """The request arrives twice; the phone hears the later answer."""

    async def act(it: Exchange) -> None:
        if at_once:
            _, reply = await asyncio.gather(it.ask(), it.ask())
        else:
            await it.ask()
            reply = await it.ask()
        await it.give(reply)

    return act


def late_ghost(part: float, after_s: float) -> Act:
    """The phone sees a reset; the server still holds the connection and gets the rest of the body later."""

    async def act(it: Exchange) -> None:
        it.reset()
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", it.proxy.server_port)
            try:
                first = int(len(it.body) * part)
                writer.write(with_header(it.head, "Connection", "close") + b"\r\n\r\n" + it.body[:first])
                await writer.drain()
                await asyncio.sleep(after_s)
                writer.write(it.body[first:])
                await writer.drain()
                reply = parse_reply(await reader.read())
            finally:
                writer.close()
            if reply is not None:
                it.answers.append(reply)

    return act


def slow_down(bytes_per_s: Callable[[], float]) -> Act:
    async def act(it: Exchange) -> None:
        await it.give(await it.ask(), bytes_per_s=bytes_per_s)

    return act


def stale(reply: Reply) -> Act:
    """A cache in between answers with what it kept."""

    async def act(it: Exchange) -> None:
        await it.give(reply)

    return act


def one_of(dice: random.Random, *acts: Act) -> Act:
    async def act(it: Exchange) -> None:
        await dice.choice(acts)(it)

    return act
