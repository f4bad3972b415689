"""How often one caller may ask, on one screen. There is no limit for all callers together: a storm must get through.

What crews and the office do is not here, so it is never refused. A mobile network hides thousands of people behind one
address, so the bounds are far above what a neighbourhood in a storm needs (a city of 700,000 reports 1,000 cases a day), and
far below what a program needs to do harm.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass

from flask import current_app, request

from crew_app.adapters.rate_limits import RateLimits
from crew_app.errors import TooMany
from crew_app.transaction import system_clock


@dataclass(frozen=True, slots=True)
class Limit:
    """Requests a minute of one address, and of all addresses of its network together."""

    name: str
    of_address: int
    of_network: int


REPORTING = Limit("report", 60, 600)
READING = Limit("read", 600, 6000)
COUNTING = Limit("count", 60, 600)  # walks through months of cases
WHOLE = Limit("whole", 10, 100)  # everything there is

LIMITS: dict[str, Limit] = {
    "public.take_report": REPORTING,
    # Posting to /open311 is counted by key (routes/open311.py): another city's server sends for thousands of people.
    "open311.requests": READING,
    "open311.request_alone": READING,
    "open311.updates": READING,
    "feeds.cases": READING,
    "dashboard.page": COUNTING,
    "dashboard.download": COUNTING,
    "open311.bulk": WHOLE,
    "data.cases_csv": WHOLE,
    "data.cases_geojson": WHOLE,
    "data.cases_parquet": WHOLE,
}


def keep_within_limits() -> None:
    """Before each request: TooMany if this address, or its network, asked too often for this."""
    limit = LIMITS.get(request.endpoint or "")
    if limit is None:
        return
    address, network = whence(request.remote_addr)
    count(f"{limit.name} {address}", limit.of_address)
    count(f"{limit.name} {network}", limit.of_network)


def count(name: str, per_minute: int) -> None:
    limits: RateLimits = current_app.extensions["rate_limits"]
    wait_s = limits.wait_s(name, per_minute, system_clock().timestamp())
    if wait_s is not None:
        raise TooMany("That was too often in one minute. Please wait a moment.", retry_after_s=max(1, math.ceil(wait_s)))


def whence(remote: str | None) -> tuple[str, str]:
    """(address, network) of a caller. In IPv6 one household has a /64, and that is its address."""
    try:
        address = ipaddress.ip_address(remote or "")
    except ValueError:
        return "unknown", "unknown network"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    sizes = (32, 24) if address.version == 4 else (64, 48)
    one, many = (ipaddress.ip_network(f"{address}/{size}", strict=False) for size in sizes)
    return str(one), f"network {many}"
