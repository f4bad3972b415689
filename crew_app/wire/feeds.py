"""The cases that changed last as Atom (RFC 4287), JSON Feed 1.1 and RSS 2.0, with places as GeoRSS.

An entry's id is the address of its case, for ever: a reader shows a case once, and again as changed when it did.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree

from crew_app.models import Case
from crew_app.wire.addresses import case_address
from crew_app.wire.open311 import status_notes
from crew_app.wire.words import public_status_words, without_contacts
from crew_app.wire.xml_text import xml_text

ATOM, GEORSS = "http://www.w3.org/2005/Atom", "http://www.georss.org/georss"
CONTENT_TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
}
ElementTree.register_namespace("georss", GEORSS)


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    address: str  # of this feed in this form
    public_url: str
    cases: Sequence[Case]

    @property
    def updated(self) -> datetime:
        """When it last changed; of an empty one the beginning of time, which is as stable as can be."""
        return self.cases[0].updated_at if self.cases else datetime(1970, 1, 1, tzinfo=UTC)


def feed_bytes(feed: Feed, form: str) -> bytes:
    return {"atom": _atom, "json": _json, "rss": _rss}[form](feed)


def _entry(case: Case, public_url: str) -> dict[str, str]:
    place = without_contacts(case.address) or case.neighborhood or "somewhere in the city"
    words = (status_notes(case), without_contacts(case.description))
    return {
        "address": case_address(public_url, case.number),
        "title": f"{case.service.name}, {place}: {public_status_words(case.status)}",
        "words": "\n\n".join(part for part in words if part) or public_status_words(case.status),
    }


def _atom(feed: Feed) -> bytes:
    root = ElementTree.Element("feed", {"xmlns": ATOM})
    _add(root, "title", feed.title)
    _add(root, "id", feed.address)
    _add(root, "updated", _rfc3339(feed.updated))
    _add(_add(root, "author"), "name", feed.title)
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=f"{feed.public_url}/")
    for case in feed.cases:
        said = _entry(case, feed.public_url)
        entry = _add(root, "entry")
        _add(entry, "title", said["title"], type="text")
        _add(entry, "id", said["address"])
        _add(entry, "link", rel="alternate", type="text/html", href=said["address"])
        _add(entry, "published", _rfc3339(case.opened_at))
        _add(entry, "updated", _rfc3339(case.updated_at))
        _add(entry, "category", term=xml_text(case.service.code), label=xml_text(case.service.name))
        _add(entry, "summary", said["words"], type="text")
        _add_place(entry, case)
    return _bytes(root)


def _rss(feed: Feed) -> bytes:
    root = ElementTree.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = _add(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", f"{feed.public_url}/")
    _add(channel, "description", f"{feed.title}: the cases that changed last.")
    _add(channel, "lastBuildDate", format_datetime(feed.updated))
    _add(channel, "atom:link", rel="self", type="application/rss+xml", href=feed.address)
    for case in feed.cases:
        said = _entry(case, feed.public_url)
        item = _add(channel, "item")
        _add(item, "title", said["title"])
        _add(item, "link", said["address"])
        # An RSS reader shows as new what has a new id, and knows no "updated": so each change is an item of its own.
        _add(item, "guid", f"{said['address']}#{int(case.updated_at.timestamp())}", isPermaLink="false")
        _add(item, "pubDate", format_datetime(case.updated_at))
        _add(item, "category", case.service.name)
        _add(item, "description", _as_html(said["words"]))
        _add_place(item, case)
    return _bytes(root)


def _json(feed: Feed) -> bytes:
    items: list[dict[str, Any]] = []
    for case in feed.cases:
        said = _entry(case, feed.public_url)
        item: dict[str, Any] = {
            "id": said["address"],
            "url": said["address"],
            "title": said["title"],
            "content_text": said["words"],
            "date_published": _rfc3339(case.opened_at),
            "date_modified": _rfc3339(case.updated_at),
            "tags": [case.service.name],
        }
        if case.latitude is not None:
            item["_geo"] = {"type": "Point", "coordinates": [case.longitude, case.latitude]}
        items.append(item)
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": f"{feed.public_url}/",
        "feed_url": feed.address,
        "items": items,
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def _as_html(words: str) -> str:
    """RSS readers take a description for HTML."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


def _add_place(entry: ElementTree.Element, case: Case) -> None:
    if case.latitude is not None:
        _add(entry, f"{{{GEORSS}}}point", f"{case.latitude} {case.longitude}")


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name, attributes)
    child.text = xml_text(text) or None
    return child


def _rfc3339(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _bytes(root: ElementTree.Element) -> bytes:
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
