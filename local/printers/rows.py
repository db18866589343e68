"""A MIB view: the rows one SNMP agent serves, in OID order, with get and getnext."""

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

from local.printers.ber import encode_oid, encode_tlv, encode_value

Oid = tuple[int, ...]


class Tag(IntEnum):
    """SNMP value types by their BER tag, which is also the number snmprec uses (RFC 2578, RFC 3417)."""

    INTEGER = 2
    OCTET_STRING = 4
    OBJECT_IDENTIFIER = 6
    IP_ADDRESS = 64
    COUNTER32 = 65
    GAUGE32 = 66
    TIME_TICKS = 67


INTEGER_RANGE = {
    Tag.INTEGER: (-(2**31), 2**31 - 1),
    Tag.COUNTER32: (0, 2**32 - 1),
    Tag.GAUGE32: (0, 2**32 - 1),
    Tag.TIME_TICKS: (0, 2**32 - 1),
}


class Value(NamedTuple):
    """A typed value: an int, octets (also of an IP address), or an OID, as its tag says."""

    tag: Tag
    content: int | bytes | Oid


def integer(number: int) -> Value:
    """An INTEGER."""
    return Value(Tag.INTEGER, number)


def counter(number: int) -> Value:
    """A Counter32."""
    return Value(Tag.COUNTER32, number)


def ticks(hundredths: int) -> Value:
    """TimeTicks; wraps after 497 days as the type does."""
    return Value(Tag.TIME_TICKS, hundredths % 2**32)


def text(characters: str) -> Value:
    """An OCTET STRING in UTF-8."""
    return Value(Tag.OCTET_STRING, characters.encode())


def octets(content: bytes) -> Value:
    """An OCTET STRING as it is."""
    return Value(Tag.OCTET_STRING, content)


def object_id(oid: Oid) -> Value:
    """An OBJECT IDENTIFIER."""
    return Value(Tag.OBJECT_IDENTIFIER, oid)


def parse_oid(dotted: str) -> Oid:
    """The arcs of a dotted OID.

    Raises:
        ValueError: it is not two to 128 numbers below 2**32 (RFC 2578 section 3.5).
    """
    arcs = tuple(int(arc) for arc in dotted.split(".") if arc.isascii() and arc.isdecimal())
    well_formed = len(arcs) == dotted.count(".") + 1 and 2 <= len(arcs) <= 128  # noqa: PLR2004  RFC 2578 section 3.5
    if not well_formed or arcs[0] > 2 or max(arcs) >= 2**32:  # noqa: PLR2004  the three roots of the OID tree
        raise ValueError(f"not an object identifier: {dotted[:80]!r}")
    return arcs


class MibView:
    """Rows in OID order. Encoded variable bindings are kept until their row changes."""

    def __init__(self, rows: Mapping[Oid, Value]) -> None:
        self._rows = dict(rows)
        self._order = sorted(self._rows)
        self._encoded: dict[Oid, bytes] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Oid]:
        return iter(self._order)

    def get(self, oid: Oid) -> Value | None:
        """The row's value, None when there is no such row."""
        return self._rows.get(oid)

    def following(self, oid: Oid) -> Oid | None:
        """The first OID after ``oid`` (which need not exist), None at the end of the view."""
        position = bisect_right(self._order, oid)
        return self._order[position] if position < len(self._order) else None

    def below(self, prefix: Oid) -> Iterator[tuple[Oid, Value]]:
        """Suffix and value of every row below ``prefix``, in order."""
        position = bisect_right(self._order, prefix)
        size = len(prefix)
        while position < len(self._order) and self._order[position][:size] == prefix:
            oid = self._order[position]
            yield oid[size:], self._rows[oid]
            position += 1

    def has_below(self, prefix: Oid) -> bool:
        """True when some row lies below ``prefix``."""
        return next(self.below(prefix), None) is not None

    def put(self, oid: Oid, value: Value) -> None:
        """Adds or changes a row."""
        previous = self._rows.get(oid)
        if previous == value:
            return
        if previous is None:
            insort(self._order, oid)
        self._rows[oid] = value
        self._encoded.pop(oid, None)

    def remove(self, oid: Oid) -> None:
        """Removes a row if it is there."""
        if self._rows.pop(oid, None) is not None:
            self._order.remove(oid)
            self._encoded.pop(oid, None)

    def encoded(self, oid: Oid) -> bytes:
        """The variable binding of an existing row as BER."""
        found = self._encoded.get(oid)
        if found is None:
            value = self._rows[oid]
            found = encode_tlv(0x30, encode_oid(oid) + encode_value(value.tag, value.content))
            self._encoded[oid] = found
        return found
