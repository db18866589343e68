"""SNMP requests that are encoded once and sent often: octets that are cut and patched, no value is encoded here."""

from collections.abc import Iterable
from enum import Enum
from typing import Final, NamedTuple

from edge.snmp.ber import INTEGER, SEQUENCE, encoded, inside
from edge.snmp.credentials import SnmpVersion

REQUEST_IDS: Final = range(0x0100_0000, 0x7FFF_FFFF)
WIRE_VERSIONS: Final = {SnmpVersion.V1: 0, SnmpVersion.V2C: 1, SnmpVersion.V3: 3}
"""The versions as messages number them (RFC 1157, RFC 3584, RFC 3412)."""
_PDU_NUMBERS: Final = 3


class RequestKind(Enum):
    """The three reading operations."""

    GET = "get"
    GET_NEXT = "getnext"
    GET_BULK = "getbulk"


class PreparedRequest(NamedTuple):
    """A request encoded once; `with_request_id` makes it ready to send.

    Of v1 and v2c it is the whole message, community included; of v3 the PDU alone, wrapped anew for each printer.
    """

    head: bytes
    tail: bytes
    version: int = 1

    def with_request_id(self, request_id: int) -> bytes:
        """The octets. ``request_id`` must be within `REQUEST_IDS`, so that its length never changes."""
        return self.head + request_id.to_bytes(4, "big") + self.tail


def filled(octets: bytes, bindings: Iterable[bytes]) -> bytes:
    """A PDU without bindings, with these in it."""
    start, end = inside(octets, 0, len(octets), octets[0])
    stop = start
    for _ in range(_PDU_NUMBERS):
        _, stop = inside(octets, stop, end, INTEGER)
    return encoded(octets[0], octets[start:stop] + encoded(SEQUENCE, b"".join(bindings)))
