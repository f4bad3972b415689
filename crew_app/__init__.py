"""The shell: the only place that knows both cores, Flask, SQLAlchemy and the network. docs/architecture.md is its map."""
