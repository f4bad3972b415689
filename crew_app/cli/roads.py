from __future__ import annotations

from pathlib import Path
from time import perf_counter

import click
from flask import current_app
from flask.cli import with_appcontext

from crew_app.adapters.osm_roads import NoRoads, read_roads
from crew_app.adapters.roads import graph_file, save_graph


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def roads(file: Path) -> None:
    """Make the city's road graph from an OpenStreetMap file (.osm.pbf), so that dispatch reckons by road.

    An extract of the city is enough; the graph lies beside the database. Workers use it once they are started anew.
    """
    began = perf_counter()
    if not file.is_file():
        raise click.ClickException(f"There is no file {file}.")
    try:
        graph = read_roads(file)
    except NoRoads as error:
        raise click.ClickException(f"{error} Nothing was changed.") from None
    target = graph_file(current_app.config["INSTANCE"])
    save_graph(graph, target)
    one_way = int((graph.is_forward != graph.is_backward).sum())
    click.echo(
        f"{graph.metres.sum() / 1000:,.0f} km of streets, {len(graph.metres):,} between junctions, {one_way:,} of them one-way: "
        f"{target.name}, {target.stat().st_size / 1024:,.0f} kB ({perf_counter() - began:.1f} s)."
    )
