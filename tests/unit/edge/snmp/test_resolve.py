import asyncio
import socket
from typing import Any

import pytest

from edge.snmp.fence import Fence
from edge.snmp.resolve import Address, OutsideFence, UnknownHost, resolved

PRIVATE = Fence()


def found(host: str, fence: Fence | None = PRIVATE) -> Address:
    return asyncio.run(resolved(host, 161, fence))


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a name is resolved to."""
    addresses: list[str] = []

    async def getaddrinfo(_loop: asyncio.AbstractEventLoop, host: str, port: int, **_: object) -> list[Any]:
        if not addresses:
            raise socket.gaierror("no such name")
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        return [
            (family, socket.SOCK_DGRAM, 17, "", (address, port))
            for family, address in zip(families, addresses, strict=True)
        ]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return addresses


@pytest.mark.parametrize(
    ("host", "address"), [("10.0.0.5", "10.0.0.5"), ("FD00::0:5", "fd00::5"), ("fe80::1%eth0", "fe80::1%eth0")]
)
def test_an_address_is_taken_as_datagrams_show_it(host: str, address: str) -> None:
    assert found(host) == (address, 161)


def test_a_name_is_resolved_to_ipv4_first(name_server: list[str]) -> None:
    name_server += ["fd00::5", "10.0.0.5"]

    assert found("printer") == ("10.0.0.5", 161)


def test_what_a_name_server_says_does_not_open_the_fence(name_server: list[str]) -> None:
    name_server += ["203.0.113.9"]

    with pytest.raises(OutsideFence, match=r"203\.0\.113\.9 is outside .* add it to \[network\] allow"):
        found("printer")


def test_of_several_addresses_one_inside_the_fence_is_taken(name_server: list[str]) -> None:
    name_server += ["203.0.113.9", "192.168.3.4"]

    assert found("printer") == ("192.168.3.4", 161)


def test_an_address_outside_the_fence_is_an_unknown_host_and_no_fence_allows_all() -> None:
    with pytest.raises(UnknownHost):
        found("203.0.113.9")
    assert found("203.0.113.9", None) == ("203.0.113.9", 161)
    assert found("203.0.113.9", Fence(["203.0.113.0/24"])) == ("203.0.113.9", 161)


@pytest.mark.usefixtures("name_server")
def test_a_name_without_an_address_is_an_unknown_host() -> None:
    with pytest.raises(UnknownHost, match="no address for host 'printer'"):
        found("printer")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.9", True),
        ("::1", True),
        ("172.31.255.255", True),
        ("172.32.0.1", False),
        ("::ffff:10.1.2.3", True),
        ("::ffff:8.8.8.8", False),
        ("fe80::1%eth0", True),
        ("2001:db8::1", False),
    ],
)
def test_the_usual_fence_holds_private_addresses_and_says_the_same_twice(address: str, allowed: bool) -> None:
    assert (PRIVATE.allows(address), PRIVATE.allows(address)) == (allowed, allowed)
