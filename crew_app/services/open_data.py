"""Public cases as they are published, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Row

from crew_app.extensions import AnySession
from crew_app.models import Photo, PhotoKind
from crew_app.queries.open_data import published_cases
from crew_app.queries.public import public_photos
from crew_app.wire.addresses import photo_address
from crew_app.wire.open_data_written import Publishing, published
from crew_app.wire.times import city_zone


def published_batches(session: AnySession, now: datetime, since: datetime | None = None) -> Iterator[list[dict[str, Any]]]:
    """By the names of wire/open_data.py's COLUMNS."""
    for _, said in batches_with_rows(session, now, since):
        yield said


def batches_with_rows(
    session: AnySession, now: datetime, since: datetime | None = None
) -> Iterator[tuple[list[Row[Any]], list[dict[str, Any]]]]:
    publishing = Publishing(city_zone(), now)
    public_url = current_app.config["PUBLIC_URL"]
    for rows in published_cases(session, since):
        photos = public_photos(session, [row.id for row in rows])
        session.rollback()
        yield list(rows), [published(row, *_addresses(photos.get(row.id, ()), public_url), publishing) for row in rows]


def _addresses(photos: Sequence[Photo], public_url: str) -> tuple[list[str], list[str]]:
    """Of residents' pictures, and of crews'."""
    of_residents = [photo_address(public_url, photo) for photo in photos if photo.kind == PhotoKind.REPORTED]
    return of_residents, [photo_address(public_url, photo) for photo in photos if photo.kind != PhotoKind.REPORTED]
