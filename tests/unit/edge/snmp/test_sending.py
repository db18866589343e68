"""Datagrams of one turn of the loop go out together, each once and in their order."""

import asyncio
import socket
from typing import Any

import pytest

from edge.snmp.codec import RequestKind, prepare
from edge.snmp.transport import _SENT_AT_ONCE, Address, Transport

REQUEST = prepare(RequestKind.GET, "public", ((1, 3, 6, 1, 2, 1, 1, 3, 0),))


class Channel:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Address] = []

    def sendto(self, _datagram: bytes, address: Address) -> None:
        self.sent.append(address)

    def close(self) -> None:
        """Nothing to close."""


def addresses(count: int) -> list[Address]:
    return [(f"192.0.2.{number}", 161) for number in range(count)]


async def asked(transport: Any, channel: Channel, count: int) -> list[int]:  # noqa: ANN401 - its private parts
    """Ask so many at once and leave; how many had been sent after each request and after the turn."""
    transport._channels = {socket.AF_INET: (channel, None)}
    tasks = [asyncio.ensure_future(transport.exchange(address, REQUEST, (60.0,))) for address in addresses(count)]
    await asyncio.sleep(0)
    during = len(channel.sent)
    await asyncio.sleep(0)
    after = len(channel.sent)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await transport.__aexit__()
    return [during, after]


@pytest.mark.parametrize("count", [1, 3, _SENT_AT_ONCE, 3 * _SENT_AT_ONCE + 5])
def test_what_is_asked_in_one_turn_is_sent_by_its_end(count: int) -> None:
    transport, channel = Transport(), Channel()

    during, after = asyncio.run(asked(transport, channel, count))

    assert during == count // _SENT_AT_ONCE * _SENT_AT_ONCE
    assert after == count
    assert channel.sent == addresses(count)
    assert transport.packets_sent == count
