"""How often one caller may ask, on one screen. There is no limit for all callers together: a storm must get through.

What crews and the office do is not here, so it is never refused. A mobile network hides thousands of people behind one
address, so the bounds are far above what a neighbourhood in a storm needs (a city of 700,000 reports 1,000 cases a day), and
far below what a program needs to do harm.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, request

from crew_app.adapters.rate_limits import RateLimits
from crew_app.errors import TooMany
from crew_app.languages import tn
from crew_app.transaction import system_clock


@dataclass(frozen=True, slots=True)
class Limit:
    """Requests a minute of one address, and of all addresses of its network together."""

    name: str
    of_address: int
    of_network: int


REPORTING = Limit("report", 60, 600)
FOLLOWING = Limit("follow", 10, 100)
READING = Limit("read", 600, 6000)
COUNTING = Limit("count", 60, 600)  # walks through months of cases
WHOLE = Limit("whole", 10, 100)  # everything there is

# Wrong passwords and codes: how many within how many seconds.
GUESSES_HERE = (10, 900.0)  # of one account, from one network
GUESSES_ANYWHERE = (100, 3600.0)  # of one account
GUESSES_OF_ADDRESS = (60, 300.0)  # of one address, whatever account

LIMITS: dict[str, Limit] = {
    "public.take_report": REPORTING,
    "public.not_fixed": REPORTING,
    "follow.ask": FOLLOWING,
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


def slow_down_guessing(account: str) -> Callable[[], None]:
    """Before a look at a password or a code: TooMany if there were too many wrong ones. Call what it gives once it was right.

    Wrong ones are counted three ways: of this account from this network; of this account from anywhere; from this address, whatever
    account. Right ones are not counted at all, so a yard whose crews all sign in behind one address at seven is not shut out,
    and somebody elsewhere who guesses at an account does not soon shut its owner out.
    """
    limits: RateLimits = current_app.extensions["rate_limits"]
    address, network = whence(request.remote_addr)
    digest = hashlib.sha256(account.strip().lower().encode("utf-8", "replace")).hexdigest()[:32]
    here, anywhere = f"guess {digest} {network}", f"guess {digest}"
    counted = ((here, *GUESSES_HERE), (anywhere, *GUESSES_ANYWHERE), (f"guess {address}", *GUESSES_OF_ADDRESS))
    for name, most, within_s in counted:
        wait_s = limits.wait_s(name, most, system_clock().timestamp(), within_s)
        if wait_s is not None:
            raise TooMany(
                tn(
                    "There were too many wrong tries. Wait {n} minute, then try again. Nothing on your phone is lost.",
                    "There were too many wrong tries. Wait {n} minutes, then try again. Nothing on your phone is lost.",
                    math.ceil(wait_s / 60),
                ),
                retry_after_s=max(1, math.ceil(wait_s)),
                code="too-many-tries",
            )

    def was_right() -> None:
        limits.forget(here)
        for name, most, within_s in counted[1:]:
            limits.give_back(name, most, within_s)

    return was_right


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
