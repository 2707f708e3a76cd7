"""One signed HTTP request, to an address that is not on a private network.

A host name is resolved once, and the connection goes to the address that was checked: a second
answer of the name server cannot lead elsewhere. Redirects are not followed, and nothing of the
answer is read but its status. The signature is that of Standard Webhooks.
"""

import hmac
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Thread, Timer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from soundscapes.engine.errors import EngineError
from soundscapes.models.webhooks.webhooks import SECRET_PREFIX

RESOLVE_SECONDS = 3.0
CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
MAX_ADDRESSES = 2  # of a name that are tried
PORTS = {"http": 80, "https": 443}
TRANSLATED = [ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")]
"""Networks in which an IPv6 address contains an IPv4 address that a gateway would reach."""


class DeliveryError(EngineError):
    """The request failed, for the reason given."""


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """Return the header webhook-signature of a message."""
    key = b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.digest(key, f"{message}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{b64encode(digest).decode()}"


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a POST request within `TOTAL_SECONDS` and return the status of the answer.

    Raises DeliveryError.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    is_secure = parts.scheme == "https"
    connection = (HTTPSConnection if is_secure else HTTPConnection)(host, port)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    is_over: list[bool] = []
    try:
        with _connected(_addresses(host, port), port) as plain, _cut_off(plain, is_over):
            connection.sock = _encrypted(plain, host) if is_secure else plain
            connection.request("POST", target, body, dict(headers))
            status = connection.getresponse().status
            if is_over:  # its headers were cut off
                raise TimeoutError
            return status
    except (OSError, HTTPException) as error:
        raise DeliveryError(_reason(error, is_over=bool(is_over))) from error
    finally:
        connection.close()


def is_allowed(address: IPv4Address | IPv6Address) -> bool:
    """Return whether webhooks may reach an address: a public one, or one that a setting allows."""
    address = getattr(address, "ipv4_mapped", None) or address
    if any(address in network for network in settings.WEBHOOK_NETWORKS):
        return True
    is_odd = address.is_multicast or address.is_reserved
    return address.is_global and not is_odd and not any(address in each for each in TRANSLATED)


def _addresses(host: str, port: int) -> list[str]:
    """Resolve a name to its allowed addresses. Raises DeliveryError if it has none."""
    found = _resolved(host, port)
    allowed = [each for each in found if is_allowed(ip_address(each))]
    if found and not allowed:
        raise DeliveryError(
            f"{host} is on a private network, which this server does not allow webhooks to reach."
        )
    if not allowed:
        raise DeliveryError(f"The host name {host} was not found.")
    return allowed[:MAX_ADDRESSES]


def _resolved(host: str, port: int) -> list[str]:
    """Resolve in a thread, because the resolver's own time limit is half a minute or more."""
    found: list[str] = []

    def resolve() -> None:
        with suppress(OSError, UnicodeError):
            rows: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(address[0] for *_kind, address in rows))

    thread = Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(RESOLVE_SECONDS)
    return list(found)


def _connected(addresses: list[str], port: int) -> socket.socket:
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            return socket.create_connection((address, port), CONNECT_SECONDS)
    return socket.create_connection((last, port), CONNECT_SECONDS)


def _encrypted(plain: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


@contextmanager
def _cut_off(connected: socket.socket, is_over: list[bool]) -> Iterator[None]:
    """Close the connection after `TOTAL_SECONDS`, even if the server sends a byte now and then."""
    connected.settimeout(TOTAL_SECONDS)
    with connected.dup() as same:  # encryption takes over the original

        def end() -> None:
            is_over.append(True)
            with suppress(OSError):
                same.shutdown(socket.SHUT_RDWR)

        timer = Timer(TOTAL_SECONDS, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _reason(error: Exception, *, is_over: bool) -> str:
    if is_over or isinstance(error, TimeoutError):
        return f"It did not answer within {TOTAL_SECONDS:.0f} seconds."
    if isinstance(error, ssl.SSLError):
        return f"The encrypted connection failed: {error.reason or error}."
    if isinstance(error, HTTPException):
        return "It did not answer in HTTP."
    return "It cannot be reached."
