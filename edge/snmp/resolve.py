"""From a host to the address to send to, inside the fence."""

import asyncio
import socket
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from edge.snmp.fence import Fence
from edge.snmp.targets import is_address

Address = tuple[str, int]
_RESOLVE_SECONDS: Final = 5.0


class UnknownHost(Exception):
    """The host name has no address."""


class OutsideFence(UnknownHost):
    """The address is none that the agent may talk to; the message says which setting would allow it."""


async def resolved(host: str, port: int, fence: Fence | None) -> Address:
    """The address to send to: numeric ones as they are, names by the system's resolver, IPv4 first.

    The fence is asked after the name was resolved: what a name server says decides nothing.

    Raises:
        UnknownHost: the name has no address, or the resolver did not answer in time.
        OutsideFence: no address of it may be asked.
    """
    if is_address(host):
        found = [host]
    else:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_RESOLVE_SECONDS):
                entries = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise UnknownHost(f"no address for host {host!r}: check the name or give the address") from error
        entries.sort(key=lambda entry: entry[0] is not socket.AF_INET)
        found = [str(entry[4][0]) for entry in entries]
    allowed = [address for address in found if fence is None or fence.allows(address)]
    if not allowed:
        raise OutsideFence(
            f"{', '.join(found[:3])} is outside the networks that the agent may talk to: add it to [network] allow"
        )
    return (_written(allowed[0]), port)


@lru_cache(maxsize=65_536)
def _written(address: str) -> str:
    """The address as a datagram's source shows it."""
    return str(ip_address(address))
