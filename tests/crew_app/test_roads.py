"""Ways by road: a map read by a car's rules, a graph beside the database, servers asked and not waited for."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from flask import Flask

from config import TestConfig
from crew_app.adapters import roads
from crew_app.adapters.dispatch_engine import use_compiled_engine
from crew_app.adapters.osm_roads import NoRoads, directions, read_roads, speed_kmh
from crew_app.adapters.roads import GraphWays, RememberedLegs, load_graph, open_roads, save_graph
from crew_app.factory import create_app
from dispatch.distance import DETOUR, legs_by_air, metres_between
from dispatch.road_search import search
from dispatch.roads import RoadMap
from dispatch.types import Point

pytestmark = pytest.mark.once

# Corners a degree's hundredth apart:  4 --- 5
#                                      |     |
#                                      1- 2 -3
CORNERS = {1: (42.30, -71.10), 2: (42.30, -71.09), 3: (42.30, -71.08), 4: (42.31, -71.10), 5: (42.31, -71.08),
           6: (42.32, -71.10), 7: (42.29, -71.09), 8: (42.305, -71.085)}  # fmt: skip


def point(corner: int) -> Point:
    return Point(*CORNERS[corner])


def between(*corners: int) -> float:
    """Geodesic metres along these corners."""
    return sum(metres_between(point(a), point(b)) for a, b in pairwise(corners))


def write_map(file: Path, *ways: tuple[Sequence[int], dict[str, str]], nodes: dict[int, dict[str, str]] | None = None) -> Path:
    def tags(pairs: dict[str, str]) -> str:
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in pairs.items())

    lines = ['<osm version="0.6">']
    for number, (lat, lon) in CORNERS.items():
        lines.append(f'<node id="{number}" version="1" lat="{lat}" lon="{lon}">{tags((nodes or {}).get(number, {}))}</node>')
    for number, (refs, pairs) in enumerate(ways, 1):
        places = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}" version="1">{places}{tags(pairs)}</way>')
    file.write_text("\n".join([*lines, "</osm>"]))
    return file


STREET = {"highway": "residential"}
TOWN = (([1, 2, 3], STREET), ([3, 5], STREET | {"oneway": "yes"}), ([5, 4], STREET), ([4, 1], STREET))


def metres(file: Path, *corners: int) -> list[float]:
    """By road from the first corner to each other."""
    return RoadMap(read_roads(file)).ways([point(corners[0])], [point(c) for c in corners[1:]])[0][0].tolist()


def test_a_map_is_read_with_its_one_way_streets(tmp_path: Path) -> None:
    file = write_map(tmp_path / "town.osm", *TOWN)
    there, back = metres(file, 3, 5)[0], metres(file, 5, 3)[0]
    assert there == pytest.approx(between(3, 5), abs=0.1)
    assert back == pytest.approx(between(5, 4, 1, 2, 3), abs=0.1)


@pytest.mark.parametrize("tags", [{"access": "private"}, {"highway": "footway"}, {"motor_vehicle": "no", "access": "yes"}])
def test_a_street_that_is_none_for_us_is_not_driven(tmp_path: Path, tags: dict[str, str]) -> None:
    """A short cut from 2 to 5 that cars may not take."""
    file = write_map(tmp_path / "town.osm", *TOWN, ([2, 8, 5], STREET | tags))
    assert metres(file, 2, 5)[0] == pytest.approx(between(2, 3, 5), abs=0.1)
    file = write_map(tmp_path / "open.osm", *TOWN, ([2, 8, 5], STREET))
    assert metres(file, 2, 5)[0] == pytest.approx(between(2, 8, 5), abs=0.1)


@pytest.mark.parametrize(
    ("barrier", "is_closed"),
    [({"barrier": "bollard"}, True), ({"barrier": "gate"}, False), ({"barrier": "gate", "access": "private"}, True),
     ({"barrier": "bollard", "motor_vehicle": "yes"}, False), ({"highway": "crossing"}, False)],
)  # fmt: skip
def test_a_closed_point_lets_nobody_through(tmp_path: Path, barrier: dict[str, str], is_closed: bool) -> None:
    file = write_map(tmp_path / "town.osm", *TOWN, ([2, 8, 5], STREET), nodes={8: barrier})
    assert metres(file, 2, 5)[0] == pytest.approx(between(2, 3, 5) if is_closed else between(2, 8, 5), abs=0.1)


def test_a_street_without_a_way_back_is_left_out(tmp_path: Path) -> None:
    file = write_map(tmp_path / "town.osm", *TOWN, ([2, 7], STREET | {"oneway": "yes"}))
    assert metres(file, 1, 7)[0] == pytest.approx(metres_between(point(1), point(7)) * DETOUR)


def test_a_map_cut_at_the_edge_loses_only_what_lies_outside(tmp_path: Path) -> None:
    file = write_map(tmp_path / "town.osm", *TOWN, ([4, 6, 99], STREET))  # node 99 is not in the file
    assert metres(file, 4, 6)[0] == pytest.approx(between(4, 6), abs=0.1)


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        ({"highway": "residential"}, 25),
        ({"highway": "residential", "maxspeed": "50"}, 40),
        ({"highway": "primary", "maxspeed": "25 mph"}, 25 * 1.609344 * 0.8),
        ({"highway": "motorway", "maxspeed": "none"}, 90),
        ({"highway": "service", "maxspeed": "3"}, 5),
        ({"highway": "['unclassified', 'primary']"}, 25),
        ({"highway": "track"}, None),
        ({"highway": "busway"}, None),
        ({"highway": "service", "area": "yes"}, None),
        ({"highway": "residential", "access": "private"}, None),
        ({"highway": "residential", "access": "private", "motorcar": "yes"}, 25),
        ({"highway": "residential", "access": "destination"}, 25),
    ],
)
def test_speeds_and_access(tags: dict[str, str], kmh: float | None) -> None:
    assert speed_kmh(tags) == (pytest.approx(kmh) if kmh else None)


@pytest.mark.parametrize(
    ("tags", "both"),
    [
        ({}, (True, True)),
        ({"oneway": "no"}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"oneway": "reversible"}, (False, False)),
        ({"highway": "motorway"}, (True, False)),
        ({"junction": "roundabout"}, (True, False)),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, (True, True)),
    ],
)
def test_directions(tags: dict[str, str], both: tuple[bool, bool]) -> None:
    assert directions(tags) == both


def test_what_is_no_map_is_said_in_a_sentence(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "cases.osm").write_text("case_id,open_date\n1,2\n")
    with pytest.raises(NoRoads, match="cannot be read"):
        read_roads(tmp_path / "cases.osm")
    empty = write_map(tmp_path / "empty.osm", ([1, 2], {"highway": "footway"}))
    result = app.test_cli_runner().invoke(args=["roads", str(empty)])
    assert result.exit_code == 1 and "no street that a car can reach" in result.output
    assert not roads.graph_file(app.config["INSTANCE"]).exists()
    assert "There is no file" in app.test_cli_runner().invoke(args=["roads", str(tmp_path / "none.osm")]).output


def test_a_city_that_has_made_its_graph_plans_by_it_and_any_other_by_air(app: Flask, tmp_path: Path) -> None:
    here = [point(5), point(3)]
    assert app.extensions["legs_of"](here).source == "air"
    result = app.test_cli_runner().invoke(args=["roads", str(write_map(tmp_path / "town.osm", *TOWN))])
    assert result.exit_code == 0 and "4 between junctions, 1 of them one-way" in result.output
    instance = Path(app.config["INSTANCE"])
    worker = create_app(TestConfig(instance))
    assert worker.extensions["legs_of"](here).source == "air"  # a web process, which does not plan
    use_compiled_engine(worker)
    by_road = worker.extensions["legs_of"](here)
    assert by_road.source == "roads" and by_road.metres[0, 1] == pytest.approx(between(5, 4, 1, 2, 3), abs=0.1)
    by_air = create_app(TestConfig(instance, ROADS="air"))
    use_compiled_engine(by_air)
    assert by_air.extensions["legs_of"](here).source == "air"


def test_an_address_that_means_nothing_stops_the_start(tmp_path: Path) -> None:
    for address in ("osrm+ftp://x", "graphhopper+http://x", "http://x", "yes"):
        with pytest.raises(ValueError, match="is not understood"):
            open_roads(address, tmp_path / "roads.npz")


def test_a_graph_that_cannot_be_read_is_named_once_and_the_air_serves(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "roads.npz"
    file.write_bytes(b"not a graph")
    legs_of = open_roads("", file, search)
    with caplog.at_level(logging.WARNING):
        assert [legs_of([point(1), point(2)]).source for _ in range(3)] == ["air"] * 3
    assert len(caplog.records) == 1 and "roads.npz cannot be read" in caplog.text


def test_a_saved_graph_is_the_same_graph(tmp_path: Path) -> None:
    graph = read_roads(write_map(tmp_path / "town.osm", *TOWN))
    save_graph(graph, tmp_path / "roads.npz")
    again = load_graph(tmp_path / "roads.npz")
    assert all(np.array_equal(getattr(graph, name), getattr(again, name)) for name in ("chains", "seconds", "pieces", "is_forward"))
    assert [path.name for path in tmp_path.glob("roads*")] == ["roads.npz"]


def test_only_new_places_are_asked_for_and_nothing_changes_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_graph(read_roads(write_map(tmp_path / "town.osm", *TOWN)), tmp_path / "roads.npz")
    ways, asked = GraphWays(tmp_path / "roads.npz"), []

    class Counted:
        source = "roads"

        def __call__(self, origins: Sequence[Point], goals: Sequence[Point]) -> Any:
            asked.append((len(origins), len(goals)))
            return ways(origins, goals)

    legs_of = RememberedLegs(Counted())
    corners = [point(c) for c in (1, 2, 3, 4, 5)]
    legs_of(corners[:3])
    legs_of([corners[2], corners[0], corners[2]])
    both = legs_of(corners[::-1])
    assert asked == [(3, 3), (2, 5), (3, 2)]
    assert np.allclose(both.metres, ways(corners[::-1], corners[::-1])[0])
    monkeypatch.setattr(roads, "MOST_REMEMBERED", 4)
    few = legs_of([point(7), point(1)])  # too many by now: forgotten, and asked anew
    assert asked[3:] == [(2, 2)] and np.allclose(few.metres, ways([point(7), point(1)], [point(7), point(1)])[0])


class RoadServer:
    """A server on this machine that speaks as much OSRM and Valhalla as is asked of it: metres by air, a second each."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.answer: Callable[[BaseHTTPRequestHandler, dict[str, Any]], None] = self.send
        serving = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                serving.requests.append(("GET", self.path))
                parts = urlsplit(self.path)
                places = [tuple(map(float, pair.split(","))) for pair in parts.path.rpartition("/")[2].split(";")]
                query = parse_qs(parts.query)
                sources, goals = ([places[int(k)] for k in query[name][0].split(";")] for name in ("sources", "destinations"))
                table = [[serving.metres(a[1], a[0], b[1], b[0]) for b in goals] for a in sources]
                serving.answer(self, {"code": "Ok", "distances": table, "durations": table})

            def do_POST(self) -> None:
                serving.requests.append(("POST", self.path))
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert body["costing"] == "auto" and body["units"] == "kilometers"
                rows = [[serving.metres(a["lat"], a["lon"], b["lat"], b["lon"]) for b in body["targets"]] for a in body["sources"]]
                cells = [[{"distance": m and m / 1000, "time": m} for m in row] for row in rows]
                serving.answer(self, {"sources_to_targets": cells})

            def log_message(self, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @staticmethod
    def metres(lat: float, lon: float, lat2: float, lon2: float) -> float | None:
        """No way to or from the corner in the north."""
        return None if (lat == 42.32) != (lat2 == 42.32) else round(metres_between(Point(lat, lon), Point(lat2, lon2)), 1)

    @staticmethod
    def send(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(json.dumps(body).encode())

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[RoadServer]:
    running = RoadServer()
    yield running
    running.stop()


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
def test_a_server_is_asked_in_pieces_it_takes(
    server: RoadServer, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roads, "BLOCK", 3)
    corners = [point(c) for c in (1, 2, 3, 4, 6)]
    legs = open_roads(f"{kind}+{server.url}", tmp_path / "none.npz")(corners)
    assert legs.source == kind and len(server.requests) == 4
    assert legs.metres[0, 2] == pytest.approx(between(1, 3), abs=0.2)
    assert legs.seconds[0, 2] == pytest.approx(between(1, 3), abs=0.2)
    # Where the server knows no way: by air, as the road winds.
    assert legs.metres[0, 4] == pytest.approx(between(1, 6) * DETOUR, abs=0.2)


def hang(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    time.sleep(1)


def refuse(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    handler.send_error(503)


def chatter(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    RoadServer.send(handler, {"code": "TooBig", "message": "Too many table coordinates"})


def babble(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    handler.wfile.write(b"220 smtp.example ESMTP\r\n")


@pytest.mark.parametrize("answer", [hang, refuse, chatter, babble])
@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
def test_a_server_that_fails_is_not_waited_for_and_asked_again_later(
    server: RoadServer, kind: str, answer: Callable[..., None], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roads, "TIMEOUT_S", 0.2)
    clock = [1000.0]
    legs_of = RememberedLegs(roads.SERVERS[kind](server.url), lambda: clock[0])
    here = [point(1), point(2)]
    server.answer = answer
    with caplog.at_level(logging.WARNING):
        legs = legs_of(here)
    assert legs.source == "air" and np.array_equal(legs.metres, legs_by_air(here).metres)
    assert "ways are reckoned by air: the road server does not answer as it should" in caplog.text
    assert legs_of(here).source == "air" and len(server.requests) == 1  # not asked again at once
    server.answer = RoadServer.send
    clock[0] += roads.SILENCE_S + 1
    assert legs_of(here).source == kind


def test_nobody_there_is_the_air(tmp_path: Path) -> None:
    assert open_roads("osrm+http://127.0.0.1:9", tmp_path / "none.npz")([point(1), point(2)]).source == "air"


def test_a_slow_server_does_not_hold_up_a_plan(server: RoadServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(roads, "BLOCK", 1)
    monkeypatch.setattr(roads, "ALL_ANSWERS_S", 0.0)
    legs = open_roads(f"osrm+{server.url}", tmp_path / "none.npz")([point(c) for c in (1, 2, 3, 4)])
    assert legs.source == "air" and len(server.requests) < 16


@pytest.mark.real
def test_boston_by_road(app: Flask, real_data: Path) -> None:
    """The whole street graph in well under a minute, 200 x 200 ways in under a second of CPU, and no way shorter than air."""
    began = time.process_time()
    result = app.test_cli_runner().invoke(args=["roads", str(real_data / "boston_drive.osm.pbf")])
    assert result.exit_code == 0, result.output
    built = time.process_time() - began
    worker = create_app(TestConfig(Path(app.config["INSTANCE"])))
    use_compiled_engine(worker)
    graph = load_graph(roads.graph_file(Path(app.config["INSTANCE"])))
    dice = np.random.default_rng(311)
    places = [Point(*graph.pieces[k, :2]) for k in dice.choice(len(graph.pieces), 200, replace=False)]
    legs_of = worker.extensions["legs_of"]
    legs_of(places[:1])  # the graph is read
    began = time.process_time()
    legs = legs_of(places)
    asked = time.process_time() - began
    print(f"\n{result.output.strip()}\nbuilt in {built:.1f} s, 200 x 200 in {asked:.2f} s of CPU")
    assert built < 60 and asked < 1
    air = legs_by_air(places).metres
    assert (
        legs.source == "roads" and np.all(legs.metres >= air - 1) and 1.1 < np.median(legs.metres[air > 300] / air[air > 300]) < 1.6
    )
