"""Figures for Prometheus: what wakes somebody first (docs/operations.md), then what explains it.

Read from the database at each scrape, so that every process gives the same answer; request times are each process's own and
added up (PROMETHEUS_MULTIPROC_DIR, gunicorn.conf.py).
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from crew_app.errors import NotFound
from crew_app.extensions import db
from crew_app.queries.vitals import vitals
from crew_app.services.backups import age_of_backup_s
from crew_app.transaction import system_clock

bp = Blueprint("metrics", __name__)

AT_HOME = ("127.0.0.1", "::1")


@bp.get("/metrics")
def metrics() -> Response:
    """For whoever has METRICS_TOKEN; without one, for this machine only. For others there is nothing here."""
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not (secrets.compare_digest(given.encode(), token.encode()) if token else request.remote_addr in AT_HOME):
        raise NotFound("There is nothing here.")
    registry = CollectorRegistry()
    registry.register(CityCollector())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
        text = generate_latest(registry)
    else:
        text = generate_latest(registry) + generate_latest(REGISTRY)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


class CityCollector:
    def collect(self) -> Iterator[Metric]:
        now = system_clock()
        state = vitals(db.session, now)
        yield _gauge("event_lag_seconds", "Age of the oldest event somebody was not told of (wake at 300).", state.untold_s)
        yield _gauge("deliveries_dead", "Events given up after ten tries (wake at 1).", state.dead_deliveries)
        yield _gauge(
            "disk_free_ratio", "Free share of the disk with database and incoming photos (wake at 0.1).", disk_free_ratio()
        )
        yield _gauge("clock_ahead_seconds", "How far the newest event lies in the future (wake at 60).", state.ahead_s)
        if (age := age_of_backup_s(now)) is not None:
            yield _gauge("backup_age_seconds", "Since the backup was last kept (wake at 600).", age)
        yield _gauge("open_cases", "Cases not dealt with.", state.open_cases)
        yield _gauge("quarantined", "Work of phones that a person must look at.", state.quarantined)
        yield _gauge("photos_awaited", "Photos announced by crews and still on their phones.", state.photos_awaited)


def disk_free_ratio() -> float:
    usage = shutil.disk_usage(current_app.config["INSTANCE"])
    return usage.free / usage.total


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"crew311_{name}", words, value)
