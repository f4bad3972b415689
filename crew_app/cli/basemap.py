from __future__ import annotations

from pathlib import Path
from time import perf_counter

import click
from flask import current_app
from flask.cli import with_appcontext

from crew_app.adapters.basemap import basemap_file
from crew_app.adapters.osm_basemap import NoMap, make_basemap


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def basemap(file: Path) -> None:
    """Make the city's map from an OpenStreetMap file (.osm.pbf): streets, water, parks, houses and their names.

    An extract of the city is enough. The map lies beside the database; pages show it from their next loading on.
    """
    began = perf_counter()
    if not file.is_file():
        raise click.ClickException(f"There is no file {file}.")
    target = basemap_file(current_app.config["INSTANCE"])
    try:
        counts = make_basemap(file, target)
    except NoMap as error:
        raise click.ClickException(f"{error} Nothing was changed.") from None
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}. Nothing was changed.") from None
    drawn = ", ".join(f"{count:,} {layer}" for layer, count in counts.items() if count)
    click.echo(f"{drawn}: {target.name}, {target.stat().st_size / 1024:,.0f} kB ({perf_counter() - began:.1f} s).")
