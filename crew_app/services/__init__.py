"""Use cases, one verb-led function each. `tx` comes first; the edge that opened it commits."""
