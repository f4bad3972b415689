"""The power-cut replay itself, on hand-made traces: what may be lost, what may not, and that it looks at both."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from crash_states import CrashState, Disk, Replay, Survival, Write, read_calls

NOTHING_IGNORED = re.compile(r"$^")


def shown(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def trace(*calls: str) -> list[str]:
    """Lines as strace writes them with -yy -xx: <path> and "string" become hexadecimal."""
    lines = []
    for call in calls:
        line = re.sub(r"<(/[^>]*)>", lambda found: f"<{shown(found[1])}>", call)
        lines.append("7 " + re.sub(r'"([^"]*)"', lambda found: f'"{shown(found[1])}"', line))
    return lines


def played(disk: Disk, lines: list[str], cut: int | None = None) -> Disk:
    replay = Replay(disk, read_calls(iter(lines)), NOTHING_IGNORED)
    for _ in replay.play([2**63 if cut is None else cut]):
        return disk
    return disk


def contents(disk: Disk, path: str, survival: Survival, tries: int = 60) -> set[bytes | None]:
    """All that a power cut left under this name, in many tries."""
    return {CrashState(disk, survival, random.Random(seed)).read(path) for seed in range(tries)}


@pytest.fixture
def disk() -> Disk:
    disk = Disk("/city")
    disk.load("db", b"old")
    return disk


def test_what_was_flushed_is_in_every_state(disk: Disk) -> None:
    played(disk, trace('pwrite64(3</city/db>, "new", 3, 0) = 3', "fdatasync(3</city/db>) = 0"))
    for survival in Survival:
        assert contents(disk, "db", survival) == {b"new"}


def test_what_was_not_flushed_may_be_there_or_not(disk: Disk) -> None:
    played(disk, trace('pwrite64(3</city/db>, "new", 3, 0) = 3', 'pwrite64(3</city/db>, "more", 4, 3) = 4'))
    assert contents(disk, "db", Survival.NOTHING) == {b"old"}
    assert contents(disk, "db", Survival.EVERYTHING) == {b"newmore"}
    assert contents(disk, "db", Survival.BEGINNING) == {b"old", b"new", b"newmore"}
    assert contents(disk, "db", Survival.ANY) == {b"old", b"new", b"newmore", b"oldmore"}


def test_a_failed_flush_promises_nothing(disk: Disk) -> None:
    played(disk, trace('pwrite64(3</city/db>, "new", 3, 0) = 3', "fdatasync(3</city/db>) = -1 EIO (Input/output error)"))
    assert contents(disk, "db", Survival.NOTHING) == {b"old"}


def test_a_write_that_had_not_ended_when_the_flush_began_is_not_covered(disk: Disk) -> None:
    lines = trace('pwrite64(3</city/db>, "new", 3, 0 <unfinished ...>', "fdatasync(3</city/db>) = 0", "<... pwrite64 resumed>) = 3")
    lines[1] = lines[1].replace("7 ", "8 ", 1)
    played(disk, lines)
    assert contents(disk, "db", Survival.NOTHING) == {b"old"}
    assert contents(disk, "db", Survival.EVERYTHING) == {b"new"}


def test_a_flush_that_had_not_ended_at_the_cut_promises_nothing(disk: Disk) -> None:
    lines = trace(
        'pwrite64(3</city/db>, "new", 3, 0) = 3', "fdatasync(3</city/db> <unfinished ...>", "<... fdatasync resumed>) = 0"
    )
    played(disk, lines, cut=1)
    assert contents(disk, "db", Survival.ANY) == {b"old", b"new"}


def test_a_write_may_be_torn_at_the_sectors_of_the_disk() -> None:
    pieces = Write(500, b"x" * 1000).sectors(512)
    assert [(piece.offset, len(piece.content or b"")) for piece in pieces] == [(500, 12), (512, 512), (1024, 476)]


def test_a_flushed_file_in_a_folder_that_was_not_may_be_gone(disk: Disk) -> None:
    made = ('openat(AT_FDCWD</>, "/city/new", O_RDWR|O_CREAT, 0600) = 4</city/new>', 'write(4</city/new>, "abc", 3) = 3')
    played(disk, trace(*made, "fdatasync(4</city/new>) = 0"))
    assert contents(disk, "new", Survival.ANY) == {None, b"abc"}


def test_a_flushed_file_in_a_flushed_folder_stays(disk: Disk) -> None:
    made = ('openat(AT_FDCWD</>, "/city/new", O_RDWR|O_CREAT, 0600) = 4</city/new>', 'write(4</city/new>, "abc", 3) = 3')
    played(disk, trace(*made, "fdatasync(4</city/new>) = 0", "fsync(5</city>) = 0"))
    assert contents(disk, "new", Survival.ANY) == {b"abc"}


def test_a_rename_is_all_or_nothing_until_its_folder_is_flushed(disk: Disk) -> None:
    disk.load("partial", b"photo")
    played(disk, trace('rename("/city/partial", "/city/db") = 0'))
    assert contents(disk, "db", Survival.ANY) == {b"old", b"photo"}
    both = [CrashState(disk, Survival.ANY, random.Random(seed)) for seed in range(60)]
    assert {(state.read("partial"), state.read("db")) for state in both} == {(b"photo", b"old"), (None, b"photo")}


def test_two_names_of_a_file_share_its_bytes(disk: Disk) -> None:
    played(disk, trace('link("/city/db", "/city/copy") = 0', "fsync(5</city>) = 0", "ftruncate(3</city/db>, 1) = 0"))
    assert contents(disk, "copy", Survival.EVERYTHING) == {b"o"}
    assert contents(disk, "copy", Survival.NOTHING) == {b"old"}


def test_a_new_folder_is_lost_with_all_in_it_until_its_parent_is_flushed(disk: Disk) -> None:
    made = ('mkdir("/city/ab", 0777) = 0', 'openat(AT_FDCWD</>, "/city/ab/p", O_WRONLY|O_CREAT, 0600) = 4</city/ab/p>')
    played(disk, trace(*made, "fsync(4</city/ab/p>) = 0", "fsync(5</city/ab>) = 0"))
    assert contents(disk, "ab/p", Survival.NOTHING) == {None}
    assert contents(disk, "ab/p", Survival.EVERYTHING) == {b""}


def test_an_answer_is_known_by_its_connection_and_its_number(disk: Disk) -> None:
    sent = 'sendto(9<TCP:[127.0.0.1:80->127.0.0.1:5000]>, "HTTP/1.1 200 OK", 15, 0, NULL, 0) = 15'
    body = 'sendto(9<TCP:[127.0.0.1:80->127.0.0.1:5000]>, "{}", 2, 0, NULL, 0) = 2'
    replay = Replay(disk, read_calls(iter(trace(sent, body, sent))), NOTHING_IGNORED)
    assert replay.answers == {(5000, 1): 0, (5000, 2): 2}


def test_a_call_that_cannot_be_replayed_is_not_passed_over(disk: Disk) -> None:
    with pytest.raises(ValueError, match="cannot replay"):
        played(disk, trace("fallocate(3</city/db>, 0, 0, 4096) = 0"))
