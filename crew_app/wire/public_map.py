"""Cases as a public map asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crew_app.wire.words import name_in_language, public_status_words
from crew_app.workflow import Status


def marks_body(rows: Iterable[Any], *, is_all: bool) -> dict[str, Any]:
    """GeoJSON; `complete` is false where there were too many and the oldest were left out."""
    words = {status: public_status_words(status) for status in Status}  # once: there are thousands of marks
    return {
        "type": "FeatureCollection",
        "complete": is_all,
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [round(row.longitude, 5), round(row.latitude, 5)]},
                "properties": {
                    "number": row.number,
                    "service": name_in_language(row.service, row.names),
                    "status": row.status,
                    "words": words[row.status],
                },
            }
            for row in rows
        ],
    }
