"""Where photos rest. What is put under a name never changes.

An original's name is `<sha256>/original`, so the same bytes rest once and no id can be made to mean other bytes; the
clean copies are `<photo id>/large` and `<photo id>/small`; copies with areas blurred have a mark of their own behind that.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from pathlib import Path
from typing import BinaryIO, Protocol

NAME = re.compile(r"^([0-9a-f]{64}/original|[0-9a-f-]{36}/(large|small)(-[0-9a-f]{8})?)\Z")


class PhotoStore(Protocol):
    def put(self, name: str, source: Path) -> None:
        """Store the file's bytes under the name; when this returns they survive a power cut.

        `source` stays, and may now be a second name of the stored file: delete it, but do not write into it again.
        """

    def open(self, name: str) -> BinaryIO:
        """The stored bytes; FileNotFoundError if there are none."""

    def exists(self, name: str) -> bool: ...

    def link(self, name: str) -> str | None:
        """Where a browser may fetch the bytes itself for some minutes; None where they come through us."""

    def answers(self) -> bool:
        """Can photos be put and read now?"""

    # What cannot be put or read now, because the store is away, is errors.Busy.


class DiskPhotoStore:
    """A folder. Puts are: fsync the bytes, rename, fsync the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, source: Path) -> None:
        target = self._path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        # A crash came between an earlier put and what its caller did next: rename would do nothing to two names of a file.
        if not (target.exists() and target.samefile(source)):
            partial = target.with_name(f"{target.name}.{os.getpid()}.{threading.get_ident()}.partial")
            partial.unlink(missing_ok=True)  # left by a process that died under the same number
            try:
                os.link(source, partial)
            except OSError:  # another file system, or one without links
                shutil.copyfile(source, partial)
            flush(partial)
            partial.replace(target)
        flush(target.parent)
        flush(self.folder)

    def open(self, name: str) -> BinaryIO:
        return open(self._path(name), "rb")

    def exists(self, name: str) -> bool:
        return self._path(name).exists()

    def link(self, name: str) -> str | None:
        return None

    def answers(self) -> bool:
        return os.access(self.folder, os.W_OK)

    def _path(self, name: str) -> Path:
        key, rendition = checked_name(name)
        # Two levels: a folder of a million entries is slow to list and to back up. The tail, because a UUIDv7 begins
        # with the time.
        return self.folder / key[-2:] / f"{key}.{rendition}"


def checked_name(name: str) -> tuple[str, str]:
    """(key, rendition); FileNotFoundError for whatever is no name of ours, so that none leads outside."""
    if not NAME.match(name):
        raise FileNotFoundError(name)
    key, rendition = name.split("/")
    return key, rendition


def flush(path: Path) -> None:
    """Wait until a file's bytes, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
