"""Which push services we talk to, and a connection that cannot lead anywhere else.

A browser names the address at which it wants to be woken, and anybody can be a browser: without this, whoever signs in
could make the server send requests into its own network (SSRF). So: only services that browser makers run, or that
whoever runs this server named; the name is looked up once, the connection goes to exactly the address that was checked,
and an address that is not public is no push service's. Nobody follows redirects.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

# Google (Chrome and most of Android), Mozilla, Apple, Microsoft. A leading dot: any host below it.
BROWSER_MAKERS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.services.mozilla.com",
    "web.push.apple.com",
    ".push.apple.com",
    ".notify.windows.com",
)
LONGEST = 1000
CONNECT_S = 5.0
# Bits of an IPv4 address at the end of an IPv6 one: a gateway would carry it there (RFC 6052).
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAPushService(Exception):
    """This address is none we may send to; the text says why."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A push service's address, taken apart. `is_ours`: named by whoever runs this server, so it may be a private one."""

    scheme: str
    host: str
    port: int
    target: str  # path and query
    is_ours: bool

    @property
    def origin_host(self) -> str:
        """Host, with the port where that is not the scheme's own (RFC 6454)."""
        return self.host if self.port == (443 if self.scheme == "https" else 80) else f"{self.host}:{self.port}"


def read_endpoint(text: str, ours: Collection[str] = ()) -> Endpoint:
    """The endpoint, or NotAPushService. `ours`: origins (`https://push.city.gov:8443`) that are allowed, too."""
    if len(text) > LONGEST or not text.isascii() or any(character <= " " or character in "\\\x7f" for character in text):
        raise NotAPushService("not an address")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise NotAPushService("not an address") from None
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc or parts.fragment:
        raise NotAPushService("not an address of a push service")
    port = port or (443 if parts.scheme == "https" else 80)
    endpoint = Endpoint(parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), False)
    if f"{endpoint.scheme}://{endpoint.origin_host}" in ours:
        return Endpoint(endpoint.scheme, host, port, endpoint.target, True)
    known = any(host == name or (name.startswith(".") and host.endswith(name)) for name in BROWSER_MAKERS)
    if not known or parts.scheme != "https" or port != 443:
        raise NotAPushService("not a push service we know")
    return endpoint


def is_public(address: Address) -> bool:
    """Is this a place in the internet, and not in somebody's own network, whichever way it is written?"""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def addresses_of(endpoint: Endpoint) -> list[str]:
    """Where the name leads now. NotAPushService if any of it leads into a private network; OSError if nowhere."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)]
    if not endpoint.is_ours and not all(is_public(ipaddress.ip_address(text.partition("%")[0])) for text in found):
        raise NotAPushService("its name leads into a private network")
    return list(dict.fromkeys(found))


def connect(endpoint: Endpoint, timeout_s: float) -> http.client.HTTPConnection:
    """A connection to an address that was checked: what the name leads to a moment later does not matter any more."""
    failure: OSError | None = None
    for address in addresses_of(endpoint):
        try:
            sock = socket.create_connection((address, endpoint.port), timeout=CONNECT_S)
        except OSError as error:
            failure = error
            continue
        sock.settimeout(timeout_s)
        connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=timeout_s)
        try:
            connection.sock = _TLS.wrap_socket(sock, server_hostname=endpoint.host) if endpoint.scheme == "https" else sock
        except OSError:
            sock.close()
            raise
        return connection
    raise failure or OSError(f"{endpoint.host} has no address")


_TLS = ssl.create_default_context()
