"""Feeds are what their specifications ask for, whatever people write."""

from __future__ import annotations

import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from test_open_data import opened

from crew_app.extensions import db
from crew_app.models import Case, District, Service
from crew_app.services.cases import close_by_office
from crew_app.transaction import transaction

A = "{http://www.w3.org/2005/Atom}"
POINT = "{http://www.georss.org/georss}point"
HOSTILE = '</summary><script>alert(1)</script>]]> & "quoted" \x0b\x1f\ufffe \U0001f573 \u202e 617-555-0100 jane@example.org'


def atom(client: FlaskClient, **query: Any) -> ElementTree.Element:
    answer = client.get("/feeds/cases.atom", query_string=query)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.data)


def check_atom(root: ElementTree.Element) -> None:
    """What RFC 4287 demands of a feed and its entries."""
    assert root.tag == f"{A}feed"
    for element in (root, *root.findall(f"{A}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{A}{name}")) == 1
        assert (element.findtext(f"{A}id") or "").startswith("http://localhost:3110/")
        assert datetime.fromisoformat(element.findtext(f"{A}updated") or "").tzinfo is not None
    assert root.find(f"{A}author/{A}name") is not None  # of all entries
    assert root.find(f"{A}link[@rel='self']") is not None
    ids = [entry.findtext(f"{A}id") for entry in root.findall(f"{A}entry")]
    assert len(set(ids)) == len(ids)


def test_atom_has_what_it_must_newest_change_first(client: FlaskClient, city) -> None:
    first, _ = opened(address="1 A St"), opened(latitude=None, longitude=None)
    with transaction() as tx:
        close_by_office(tx, first, "fixed", None, "Filled.", city.person_ids["dora"])
    root = atom(client)
    check_atom(root)
    one, two = root.findall(f"{A}entry")
    case = db.session.get_one(Case, first)
    assert one.findtext(f"{A}id") == f"http://localhost:3110/cases/{case.number}"
    assert one.findtext(f"{A}title") == "Pothole, 1 A St: Done"
    assert one.findtext(f"{A}summary") == "It is fixed. Filled."
    assert one.findtext(f"{A}published") == f"{case.opened_at:%Y-%m-%dT%H:%M:%SZ}"
    assert root.findtext(f"{A}updated") == one.findtext(f"{A}updated") == f"{case.updated_at:%Y-%m-%dT%H:%M:%SZ}"
    assert one.findtext(POINT) == "42.35 -71.09" and two.find(POINT) is None


def test_an_entrys_id_stays_when_its_case_changes(client: FlaskClient, city) -> None:
    case_id = opened()
    before = atom(client).findtext(f"{A}entry/{A}id")
    with transaction() as tx:
        close_by_office(tx, case_id, "fixed", None, "", city.person_ids["dora"])
    assert atom(client).findtext(f"{A}entry/{A}id") == before


def test_hostile_words_stay_words_in_every_form(client: FlaskClient, city) -> None:
    opened(description=HOSTILE, address=HOSTILE[:250], source="<b>x</b>")
    with transaction() as tx:
        tx.session.get_one(Service, 1).name = "<script>Pothole</script> & more"
    root = atom(client)
    check_atom(root)
    assert not [element for element in root.iter() if element.tag.lower().endswith("script")]
    assert "</summary><script>" in (root.findtext(f"{A}entry/{A}summary") or "")
    item = ElementTree.fromstring(client.get("/feeds/cases.rss").data).find("channel/item")
    assert item is not None
    assert "&lt;script&gt;" in (item.findtext("description") or "")  # once more escaped: readers take it for HTML
    [said] = json.loads(client.get("/feeds/cases.json").data)["items"]
    assert said["content_text"].startswith("</summary><script>")
    for form in ("atom", "rss", "json"):
        text = client.get(f"/feeds/cases.{form}").text
        assert "0100" not in text and "example.org" not in text


def test_json_feed_and_georss_hold_the_same(client: FlaskClient, city) -> None:
    opened(address="1 A St")
    feed = json.loads(client.get("/feeds/cases.json").data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["feed_url"].endswith("/feeds/cases.json")
    [item] = feed["items"]
    assert {"id", "url", "title", "content_text", "date_published", "date_modified"} <= set(item)
    channel = ElementTree.fromstring(client.get("/feeds/cases.rss").data).find("channel")
    assert channel is not None
    assert all(channel.findtext(name) for name in ("title", "link", "description", "lastBuildDate"))
    rss = channel.find("item")
    assert rss is not None
    assert (rss.findtext("title"), rss.findtext("link"), rss.findtext(POINT)) == (item["title"], item["url"], "42.35 -71.09")
    assert parsedate_to_datetime(rss.findtext("pubDate") or "") == datetime.fromisoformat(item["date_modified"])


def test_one_service_or_one_district_can_be_followed(client: FlaskClient, city) -> None:
    hole, tree = opened(), opened(service_code="tree")
    with transaction() as tx:
        south = District(code="S", name="South", boundary={"type": "Polygon", "coordinates": []})
        tx.session.add(south)
        tx.session.flush()
        tx.session.get_one(Case, tree).district_id = south.id

    def numbers(**query: str) -> list[str]:
        return [(entry.findtext(f"{A}id") or "").rpartition("/")[2] for entry in atom(client, **query).findall(f"{A}entry")]

    of_hole, of_tree = (db.session.get_one(Case, case_id).number for case_id in (hole, tree))
    assert numbers(service="pothole") == [of_hole] and numbers(district="S") == [of_tree]
    assert numbers(service="pothole", district="S") == []
    root = atom(client, service="tree", district="S")
    check_atom(root)
    assert root.findtext(f"{A}title") == "Boston 311: Tree, South"
    assert (root.findtext(f"{A}id") or "").endswith("service=tree&district=S")
    assert client.get("/feeds/cases.atom?service=none").status_code == 404
    assert client.get("/feeds/cases.atom?district=none").status_code == 404


def test_a_feed_that_did_not_change_is_not_sent_again(client: FlaskClient, city) -> None:
    opened()
    tag = client.get("/feeds/cases.atom").headers["ETag"]
    assert client.get("/feeds/cases.atom", headers={"If-None-Match": tag}).status_code == 304
    opened()
    assert client.get("/feeds/cases.atom", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("form", ["atom", "json", "rss"])
def test_an_empty_feed_is_a_feed(client: FlaskClient, city, form: str) -> None:
    answer = client.get(f"/feeds/cases.{form}")
    assert answer.status_code == 200 and answer.data
    with transaction() as tx:
        tx.session.get_one(Service, 1).is_public = False
    opened()
    assert b"Pothole" not in client.get(f"/feeds/cases.{form}").data
