"""How large replies are, reckoned from what they hold: requests are packed by it before they are sent."""

from collections.abc import Iterable
from typing import Final

from edge.snmp.codec import Binding, Oid, Value

HEADER_OCTETS: Final = 60
_BINDING_OVERHEAD: Final = 4
_NUMBER_OCTETS: Final = 4
_TWO_OCTET_ARC: Final = 128


def octets_of(bindings: Iterable[Binding]) -> int:
    """About how many octets a reply with these bindings has; rather too many than too few."""
    return HEADER_OCTETS + sum(binding_octets(name, value) for name, value in bindings)


def binding_octets(name: Oid, value: Value) -> int:
    """About how many octets one binding has."""
    return _BINDING_OVERHEAD + _name_octets(name) + value_octets(value)


def _name_octets(name: Oid) -> int:
    return len(name) + sum(1 for arc in name if arc >= _TWO_OCTET_ARC)


def value_octets(value: Value) -> int:
    """About how many octets one value has in its binding."""
    if isinstance(value, bytes):
        return len(value) + 2
    return len(value) + 2 if isinstance(value, tuple) else _NUMBER_OCTETS + 1
