"""Photos in an S3 bucket: `PHOTO_STORE=s3://bucket/prefix`, the address of another than Amazon's in AWS_ENDPOINT_URL.

Keys and region are read from the environment by the usual names (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from crew_app.adapters.photo_store import checked_name
from crew_app.errors import Busy

# A phone keeps what it could not send and comes again; better soon told than long held.
PATIENCE: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}
# Long enough for a slow phone, short enough that a link passed on soon shows nothing.
LINK_LIVES = timedelta(minutes=5)


class S3PhotoStore:
    """Each name is one object. A put is there for everybody once S3 has said so."""

    def __init__(self, address: str, *, signs_links: bool = False) -> None:
        env = os.environ
        options: dict[str, Any] = {}
        if endpoint := env.get("AWS_ENDPOINT_URL"):
            options = {"endpoint": endpoint, "client_options": {"allow_http": endpoint.startswith("http://")}}
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")
        keys: Any = {name.lower(): env[name] for name in names if env.get(name)}
        self.bucket = S3Store.from_url(address, config=keys, retry_config=PATIENCE, **options)
        self.signs_links = signs_links

    def put(self, name: str, source: Path) -> None:
        with _busy_when_away():
            obstore.put(self.bucket, _key(name), source)

    def open(self, name: str) -> BinaryIO:
        # A photo is 20 MiB at most, and its copies a tenth of that: in memory, so that one answer is one request.
        with _busy_when_away():
            return io.BytesIO(obstore.get(self.bucket, _key(name)).bytes().to_bytes())

    def exists(self, name: str) -> bool:
        try:
            with _busy_when_away():
                obstore.head(self.bucket, _key(name))
        except FileNotFoundError:
            return False
        return True

    def link(self, name: str) -> str | None:
        return obstore.sign(self.bucket, "GET", _key(name), LINK_LIVES) if self.signs_links else None

    def answers(self) -> bool:
        """May photos come in? Asks for one page of one name; False when S3 is away or refuses us."""
        try:
            next(iter(obstore.list(self.bucket, chunk_size=1)), None)
        except BaseError:
            return False
        return True


@contextmanager
def _busy_when_away() -> Iterator[None]:
    """S3 away, slow or refusing us is no fault of who asks: 503, and what they have is kept and tried again."""
    try:
        yield
    except FileNotFoundError:
        raise
    except BaseError as error:
        raise Busy("Photos cannot be stored or read right now. Nothing is lost; it will be tried again.") from error


def _key(name: str) -> str:
    """`<sha256>/original` lies below its last two digits, as on a disk: prefixes spread the load over S3's partitions."""
    key, rendition = checked_name(name)
    return f"{key[-2:]}/{key}.{rendition}"
