"""Writes GeoParquet 1.1: a Parquet file whose geometry column is points in well-known binary. A batch in memory at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any


def write_geoparquet(
    path: Path, batches: Iterable[Sequence[Mapping[str, Any]]], moments: Sequence[str], words: Sequence[str]
) -> None:
    """Rows have `geometry` (bytes or None), columns of moments (aware datetimes or None) and of words (str or None)."""
    # Loaded here, for it takes 60 MB that a server which nobody asks for Parquet need not spend.
    pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    schema = pyarrow.schema(
        [
            *((name, pyarrow.string()) for name in words),
            *((name, pyarrow.timestamp("s", tz="UTC")) for name in moments),
            ("geometry", pyarrow.binary()),
        ],
        metadata={"geo": json.dumps(GEO)},
    )
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in batches:
            columns = [[_value(row[name]) for row in rows] for name in schema.names]
            writer.write_table(pyarrow.table(dict(zip(schema.names, columns, strict=True)), schema=schema))


def _value(value: Any) -> Any:
    return value.replace(microsecond=0) if hasattr(value, "microsecond") else value


# No CRS is said, which means longitude and latitude on WGS 84.
GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}},
}
