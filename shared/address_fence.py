"""Where an address that a partner gave may lead: public hosts, and the very address that was checked (SSRF)."""

import re
import socket
import ssl
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from shared.errors import Invalid, Unavailable

_NUMERIC: Final = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII | re.IGNORECASE)
"""The last label of what resolvers read as an address in another notation: 127.1, 0x7f000001 (WHATWG URL 3.5)."""
_HOST_NAME: Final = re.compile(r"(?!.{254})([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{1,63}\.?", re.ASCII)
"""RFC 1123, and of two labels at least; an internationalised name in its ``xn--`` form, which hides nothing."""
_GLOBAL_UNICAST: Final = ip_network("2000::/3")
"""All that IANA has given out for public IPv6 use; what translates or embeds IPv4 (NAT64, ::/96) is outside."""
Resolver = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Destination:
    """A checked address: connect to ``address``, speak to ``host``."""

    address: str
    host: str
    port: int
    scheme: str
    path: str
    query: str = ""

    @property
    def authority(self) -> str:
        """What goes into the ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        return host if self.port == default else f"{host}:{self.port}"


def trusting_context(ca_file: str | None) -> ssl.SSLContext:
    """TLS by the public authorities, heeding nothing of the environment; those in ``ca_file`` are trusted too."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Addresses of a host as the system resolves it; `Unavailable` when it does not."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unavailable("partner_unresolved", "The host name does not resolve.") from error
    return [str(answer[4][0]) for answer in answers]


def check_url(url: str, *, private_hosts: Collection[str], may_query: bool = False) -> SplitResult:
    """The parsed URL; `Invalid` unless it is https to a host, without user, fragment, or query unless it may.

    A host named in ``private_hosts`` may also be reached by http and by a private address.
    """
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError as error:
        raise Invalid("invalid_url", "The URL cannot be read.") from error
    if not (url.isascii() and url.isprintable()):
        raise Invalid("invalid_url", "Use printable ASCII; write an internationalised host as 'xn--...'.")
    host = parts.hostname or ""
    allowed = host in private_hosts
    if parts.scheme != "https" and not (allowed and parts.scheme == "http"):
        raise Invalid("insecure_url", "Use an https URL.")
    if not host or not has_port or parts.username or parts.password or parts.fragment:
        raise Invalid("invalid_url", "Use a URL of host, port and path only.")
    if parts.query and not may_query:
        raise Invalid("invalid_url", "Use a URL of host, port and path only.")
    if not allowed:
        _check_host(host)
    return parts


def destination(
    url: str, *, private_hosts: Collection[str], resolve: Resolver = resolve_host, may_query: bool = False
) -> Destination:
    """Where to connect for a URL; `Invalid` when any of the host's addresses is not public.

    The caller connects to the address given here, so that a second look-up cannot lead elsewhere.
    """
    parts = check_url(url, private_hosts=private_hosts, may_query=may_query)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = [ip_address(address.split("%", 1)[0]) for address in resolve(host, port)]
    if not addresses:
        raise Unavailable("partner_unresolved", "The host name does not resolve.")
    if host not in private_hosts and not all(_is_public(address) for address in addresses):
        raise Invalid("private_address", "The host name leads to a private address.")
    return Destination(str(addresses[0]), host, port, parts.scheme, parts.path, parts.query)


def _check_host(host: str) -> None:
    literal = _literal(host)
    if literal is not None:
        if not _is_public(literal):
            raise Invalid("private_address", "The URL leads to a private address.")
        return
    if _NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise Invalid("invalid_url", "Write an address in full, or use the host's name.")
    if "." not in host:
        raise Invalid("private_address", "Use the host's full name.")
    if not _HOST_NAME.fullmatch(host):
        raise Invalid("invalid_url", "The host is not a host name.")


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Global unicast; an IPv4 address inside an IPv6 one counts as itself."""
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if mapped is not None:
        return _is_public(mapped)
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast
