"""From a trace of a server's system calls to the disks that a power cut could leave behind.

What was flushed (fsync, fdatasync) stays. Of what was written since, a random part is on the disk: whole writes, single
sectors of them, in any order. A folder's entries (create, link, rename, unlink) count as written when the folder itself
was flushed; until then each may be there or not. This is what POSIX promises; most file systems promise more.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

CALLS = (
    "openat,open,creat,lseek,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,"
    "rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,sendto,sendmsg,sendfile,copy_file_range,splice"
)
WRITES_BEYOND_THIS_READER = ("writev", "pwritev", "pwritev2", "truncate", "fallocate", "sendfile", "copy_file_range", "splice")
ON_A_DESCRIPTOR = ("lseek", "write", "pwrite64", "ftruncate", "fsync", "fdatasync")
SENDS = ("sendto", "sendmsg")
LONGEST_WRITE = 4 * 1024 * 1024


def strace_command(output: str) -> tuple[str, ...]:
    """strace with the options that `read_trace` understands."""
    quiet = ("-f", "-qq", "--seccomp-bpf", "-e", "signal=none")
    return ("strace", *quiet, "-yy", "-xx", "-s", str(LONGEST_WRITE), "-o", output, "-e", f"trace={CALLS}")


# --- the trace


@dataclass(frozen=True, slots=True)
class Call:
    """One system call: in which line of the trace it began and ended; its arguments and answer as strace wrote them."""

    began: int
    ended: int
    name: str
    arguments: str
    answer: str

    @property
    def succeeded(self) -> bool:
        return not self.answer.startswith(("-1", "?"))


LINE = re.compile(r"^(\d+)\s+(.*)$", re.DOTALL)
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$", re.DOTALL)
DESCRIPTOR = re.compile(r"^(\d+)<([^>]*)>(\(deleted\))?")
PEER = re.compile(r"<TCP:\[[0-9.]+:\d+->[0-9.]+:(\d+)\]>")
QUOTED = re.compile(r'"([^"]*)"(\.\.\.)?')


def read_calls(lines: Iterator[str]) -> Iterator[Call]:
    """The calls in the order in which they ended; those that never did come last, with the answer "?"."""
    open_calls: dict[str, tuple[int, str, str]] = {}
    for number, line in enumerate(lines):
        found = LINE.match(line.rstrip("\n"))
        if not found:
            continue
        thread, rest = found.groups()
        if resumed := RESUMED.match(rest):
            if thread not in open_calls:
                continue
            began, name, arguments = open_calls.pop(thread)
            tail, _, answer = resumed.group(2).rpartition(" = ")
            yield Call(began, number, name, arguments + _without_bracket(tail), answer)
        elif rest.endswith("<unfinished ...>"):
            name, _, arguments = rest.removesuffix("<unfinished ...>").partition("(")
            open_calls[thread] = (number, name, arguments)
        elif "(" in rest and " = " in rest:
            name, _, remainder = rest.partition("(")
            arguments, _, answer = remainder.rpartition(" = ")
            yield Call(number, number, name, _without_bracket(arguments), answer)
    for began, name, arguments in open_calls.values():
        yield Call(began, 2**62, name, arguments, "?")


def _without_bracket(text: str) -> str:
    return text.rstrip().removesuffix(")")


def plain(text: str) -> bytes:
    r"""Bytes from strace's \x notation."""
    return bytes.fromhex(text.replace("\\x", ""))


def plain_path(text: str) -> str:
    return plain(text).decode() if text.startswith("\\x") else text


def quoted(arguments: str) -> list[bytes]:
    strings = []
    for found in QUOTED.finditer(arguments):
        if found.group(2):
            raise ValueError("the trace holds a shortened string; raise LONGEST_WRITE")
        strings.append(plain(found.group(1)))
    return strings


# --- the disk


@dataclass(eq=False)
class Write:
    """Bytes at an offset, or (bytes None) the file cut or stretched to `offset`."""

    offset: int
    content: bytes | None
    has_happened: bool = False

    def apply(self, file: bytearray) -> None:
        if self.content is None:
            del file[self.offset :]
            file.extend(bytes(self.offset - len(file)))
        else:
            file.extend(bytes(max(0, self.offset + len(self.content) - len(file))))
            file[self.offset : self.offset + len(self.content)] = self.content

    def sectors(self, size: int) -> list[Write]:
        """The write in pieces that end at the disk's sectors of `size` bytes."""
        if self.content is None:
            return [self]
        pieces, at, end = [], self.offset, self.offset + len(self.content)
        while at < end:
            until = min(end, (at // size + 1) * size)
            pieces.append(Write(at, self.content[at - self.offset : until - self.offset]))
            at = until
        return pieces


@dataclass(eq=False)
class File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Write] = field(default_factory=list)


@dataclass(eq=False)
class Folder:
    durable: dict[str, Node] = field(default_factory=dict)
    live: dict[str, Node] = field(default_factory=dict)
    pending: list[dict[str, Node | None]] = field(default_factory=list)  # each: entries that change together

    def change(self, changes: dict[str, Node | None]) -> None:
        self.pending.append(changes)
        apply_entries(self.live, changes)


Node = File | Folder


def apply_entries(entries: dict[str, Node], changes: dict[str, Node | None]) -> None:
    for name, node in changes.items():
        if node is None:
            entries.pop(name, None)
        else:
            entries[name] = node


class Survival(StrEnum):
    """Which part of what was not flushed a crash state keeps."""

    NOTHING = "nothing"
    EVERYTHING = "everything"
    BEGINNING = "beginning"  # of each file's writes, in their order
    ANY = "any"  # writes in any order
    SECTORS_512 = "sectors of 512"
    SECTORS_4096 = "sectors of 4096"


class Disk:
    """The files below one folder, as the trace changes them."""

    def __init__(self, root: str) -> None:
        self.root = PurePosixPath(root)
        self.top = Folder()

    def load(self, path: str, content: bytes) -> None:
        """A file that was there, safely, before the trace began; `path` is relative."""
        *folders, name = PurePosixPath(path).parts
        folder = self._durable_folder(folders)
        folder.durable[name] = folder.live[name] = File(bytearray(content))

    def load_folder(self, path: str) -> None:
        self._durable_folder(PurePosixPath(path).parts)

    def _durable_folder(self, parts: list[str] | tuple[str, ...]) -> Folder:
        folder = self.top
        for part in parts:
            below = folder.durable.setdefault(part, Folder())
            assert isinstance(below, Folder)
            folder.live[part] = below
            folder = below
        return folder

    def parts(self, path: str) -> tuple[str, ...] | None:
        """The path below the root, or None if it is elsewhere."""
        pure = PurePosixPath(path)
        return pure.relative_to(self.root).parts if pure.is_relative_to(self.root) else None

    def live(self, parts: tuple[str, ...]) -> Node | None:
        node: Node | None = self.top
        for part in parts:
            node = node.live.get(part) if isinstance(node, Folder) else None
        return node

    def folder_of(self, parts: tuple[str, ...]) -> Folder:
        folder = self.live(parts[:-1])
        assert isinstance(folder, Folder), f"the trace uses a folder nobody made: {parts}"
        return folder


class CrashState:
    """One disk that a power cut could leave behind; made piece by piece as it is looked at."""

    def __init__(self, disk: Disk, survival: Survival, chance: random.Random) -> None:
        self.disk, self.survival, self.chance = disk, survival, chance
        self._files: dict[int, bytes] = {}
        self._entries: dict[int, dict[str, Node]] = {}

    def read(self, path: str) -> bytes | None:
        node: Node | None = self.disk.top
        for part in PurePosixPath(path).parts:
            node = self._entries_of(node).get(part) if isinstance(node, Folder) else None
        return self._content_of(node) if isinstance(node, File) else None

    def _entries_of(self, folder: Folder) -> dict[str, Node]:
        if id(folder) not in self._entries:
            entries = dict(folder.durable)
            for changes in self._kept(folder.pending):
                apply_entries(entries, changes)
            self._entries[id(folder)] = entries
        return self._entries[id(folder)]

    def _content_of(self, file: File) -> bytes:
        if not file.pending:
            return bytes(file.durable)
        if id(file) not in self._files:
            content = bytearray(file.durable)
            for write in self._kept_writes(file.pending):
                write.apply(content)
            self._files[id(file)] = bytes(content)
        return self._files[id(file)]

    def _kept_writes(self, pending: list[Write]) -> list[Write]:
        size = {Survival.SECTORS_512: 512, Survival.SECTORS_4096: 4096}.get(self.survival)
        if size is None:
            return self._kept(pending)
        likely = self.chance.choice((0.1, 0.5, 0.9))
        return [piece for write in pending for piece in write.sectors(size) if self.chance.random() < likely]

    def _kept(self, pending: list[Any]) -> list[Any]:
        match self.survival:
            case Survival.NOTHING:
                return []
            case Survival.EVERYTHING:
                return pending
            case Survival.BEGINNING:
                return pending[: self.chance.randint(0, len(pending))]
        likely = self.chance.choice((0.1, 0.5, 0.9))
        return [one for one in pending if self.chance.random() < likely]


# --- the trace, played onto the disk


class Replay:
    """Plays calls onto a disk, step by step; each step is the beginning or the end of a call that matters."""

    def __init__(self, disk: Disk, calls: Iterable[Call], ignored: re.Pattern[str]) -> None:
        """`ignored`: names of files that do not matter here."""
        self.disk, self.ignored = disk, ignored
        self.answers: dict[tuple[int, int], int] = {}  # (client's port, which answer) -> line in which its sending began
        mattering = [call for call in calls if call.name in SENDS or self._matters(call)]
        self.steps = sorted(self._steps(mattering), key=lambda step: step[0])
        self._offsets: dict[str, int] = {}
        self._begun: dict[int, tuple[Node, list]] = {}

    def _steps(self, calls: Iterable[Call]) -> Iterator[tuple[int, bool, Call]]:
        counts: dict[int, int] = {}
        for call in sorted(calls, key=lambda call: call.began):
            if call.name in SENDS:
                self._note_answer(call, counts)
            else:
                yield call.began, True, call
                yield call.ended, False, call

    def _note_answer(self, call: Call, counts: dict[int, int]) -> None:
        peer = PEER.search(call.arguments[:200])
        if peer and '"\\x48\\x54\\x54\\x50\\x2f\\x31\\x2e' in call.arguments[:300]:  # HTTP/1.
            port = int(peer.group(1))
            counts[port] = counts.get(port, 0) + 1
            self.answers[port, counts[port]] = call.began

    def _matters(self, call: Call) -> bool:
        if not call.succeeded and call.answer != "?":
            return False
        return any(
            (parts := self.disk.parts(path)) is not None and not (parts and self.ignored.search(parts[-1]))
            for path in self._paths(call)
        )

    def _paths(self, call: Call) -> list[str]:
        if call.name in ON_A_DESCRIPTOR or call.name in WRITES_BEYOND_THIS_READER:
            found = DESCRIPTOR.match(call.arguments)
            return [plain_path(found.group(2))] if found and not found.group(3) else []
        return [path.decode() for path in quoted(call.arguments)]

    def play(self, cuts: Iterable[int]) -> Iterator[int]:
        """Advance the disk; yields each cut (a line number) when all that happened up to it has been played."""
        waiting = sorted(cuts)
        for line, begins, call in self.steps:
            while waiting and waiting[0] < line:
                yield waiting.pop(0)
            if begins:
                self._begin(call)
            elif call.answer != "?":
                self._end(call)
        yield from waiting

    def _file(self, call: Call) -> tuple[Node | None, str]:
        found = DESCRIPTOR.match(call.arguments)
        assert found
        parts = self.disk.parts(plain_path(found.group(2)))
        return (self.disk.live(parts) if parts is not None else None), found.group(0)

    def _begin(self, call: Call) -> None:
        if call.name in WRITES_BEYOND_THIS_READER:
            raise ValueError(f"the trace holds a {call.name} on a file that matters: this reader cannot replay it")
        if call.name in ("pwrite64", "write", "ftruncate"):
            node, descriptor = self._file(call)
            if isinstance(node, File):
                write = self._write_of(call, descriptor)
                node.pending.append(write)
                self._begun[id(call)] = (node, [write])
        elif call.name in ("fsync", "fdatasync"):
            node, _ = self._file(call)
            if isinstance(node, File):
                self._begun[id(call)] = (node, [write for write in node.pending if write.has_happened])
            elif isinstance(node, Folder):
                self._begun[id(call)] = (node, list(node.pending))

    def _write_of(self, call: Call, descriptor: str) -> Write:
        numbers = call.arguments.rpartition('"')[2].strip(", ").split(", ")
        if call.name == "ftruncate":
            return Write(int(call.arguments.rpartition(", ")[2]), None)
        content = quoted(call.arguments)[0]
        if call.name == "pwrite64":
            return Write(int(numbers[-1]), content)
        offset = self._offsets.get(descriptor, 0)
        self._offsets[descriptor] = offset + len(content)
        return Write(offset, content)

    def _end(self, call: Call) -> None:
        match call.name:
            case "pwrite64" | "write" | "ftruncate":
                self._end_write(call)
            case "fsync" | "fdatasync":
                self._end_flush(call)
            case "lseek":
                _, descriptor = self._file(call)
                self._offsets[descriptor] = int(call.answer)
            case "openat" | "open" | "creat":
                self._end_open(call)
            case "mkdir" | "mkdirat":
                self._add(self._paths(call)[0], Folder())
            case "unlink" | "unlinkat" | "rmdir":
                parts = self.disk.parts(self._paths(call)[0])
                assert parts
                self.disk.folder_of(parts).change({parts[-1]: None})
            case "link" | "linkat":
                source, target = self._paths(call)
                source_parts = self.disk.parts(source)
                node = self.disk.live(source_parts) if source_parts else None
                assert node is not None, f"a link to what is not there: {source}"
                self._add(target, node)
            case "rename" | "renameat" | "renameat2":
                self._end_rename(*self._paths(call))

    def _end_write(self, call: Call) -> None:
        if id(call) not in self._begun:
            return
        _, (write,) = self._begun.pop(id(call))
        if write.content is not None and int(call.answer) != len(write.content):
            write.content = write.content[: int(call.answer)]
        write.has_happened = True

    def _end_flush(self, call: Call) -> None:
        node, flushed = self._begun.pop(id(call), (None, []))
        flushed_ids = {id(change) for change in flushed}
        still = {id(change) for change in node.pending} if node else set()
        if node:
            node.pending = [change for change in node.pending if id(change) not in flushed_ids]
        for change in flushed:
            if id(change) not in still:
                continue  # another flush was quicker
            if isinstance(node, File):
                change.apply(node.durable)
            else:
                apply_entries(node.durable, change)

    def _end_open(self, call: Call) -> None:
        found = DESCRIPTOR.match(call.answer)
        if found:
            self._offsets[found.group(0)] = 0
        parts = self.disk.parts(self._paths(call)[0])
        assert parts is not None
        if "O_CREAT" in call.arguments and self.disk.live(parts) is None:
            self._add(self._paths(call)[0], File())
        node = self.disk.live(parts)
        if "O_TRUNC" in call.arguments and isinstance(node, File):
            node.pending.append(Write(0, None, has_happened=True))

    def _add(self, path: str, node: Node) -> None:
        parts = self.disk.parts(path)
        assert parts
        self.disk.folder_of(parts).change({parts[-1]: node})

    def _end_rename(self, source: str, target: str) -> None:
        source_parts, target_parts = self.disk.parts(source), self.disk.parts(target)
        assert source_parts and target_parts
        node = self.disk.live(source_parts)
        assert node is not None, f"a rename of what is not there: {source}"
        if node is self.disk.live(target_parts):
            return  # two names of one file: rename does nothing, by POSIX
        from_folder, to_folder = self.disk.folder_of(source_parts), self.disk.folder_of(target_parts)
        if from_folder is to_folder:
            from_folder.change({source_parts[-1]: None, target_parts[-1]: node})
        else:
            to_folder.change({target_parts[-1]: node})
            from_folder.change({source_parts[-1]: None})
