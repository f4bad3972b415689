"""What a request was, for those who run the server: one line of JSON, one point in a histogram, one id to find both by.

No personal data: a route's rule instead of its address, no query, no body, no name. The id is the proxy's if it gave one.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from datetime import UTC, datetime

from flask import Flask, Response, g, request
from prometheus_client import Histogram

REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}\Z")
SECONDS = Histogram(
    "crew311_http_request_seconds",
    "Time from a request's first byte read to its answer's head, by route and status.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
log = logging.getLogger("crew311.requests")


class JsonLines(logging.Formatter):
    """Each record one line; whatever was given as `extra={"facts": {...}}` stands beside the words."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "says": record.getMessage(),
            "request": _request_id_if_any(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps({key: value for key, value in line.items() if value is not None}, ensure_ascii=False)


def bind_request_log(app: Flask, *, as_json: bool) -> None:
    """Give every request an id, a point in the histogram and, `as_json`, a line; and make all lines JSON."""
    if as_json:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines())
        root = logging.getLogger()
        root.handlers[:] = [handler]
        app.logger.handlers.clear()
        app.logger.propagate = True
        log.setLevel(logging.INFO)
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.match(given) else secrets.token_hex(8)
    g.request_began = time.perf_counter()


def end(response: Response) -> Response:
    began = g.get("request_began")
    if began is None:  # refused before `begin`
        return response
    response.headers["X-Request-Id"] = g.request_id
    seconds = time.perf_counter() - began
    route = request.url_rule.rule if request.url_rule else "none"
    SECONDS.labels(request.method if route != "none" else "any", route, response.status_code).observe(seconds)
    if log.isEnabledFor(logging.INFO):
        facts = {"method": request.method, "route": route, "status": response.status_code, "ms": round(seconds * 1000, 1)}
        log.info("answered", extra={"facts": facts})
    return response


def _request_id_if_any() -> str | None:
    try:
        found: str | None = g.get("request_id")
    except RuntimeError:  # no request, no application
        return None
    return found
