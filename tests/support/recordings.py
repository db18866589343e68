"""Builders for recordings and profiles: rows by dotted names, profiles by keyword overrides."""

from collections.abc import Mapping
from typing import Any

from edge.profiles.schema import Profile
from edge.recordings.recording import INTEGER, OCTET_STRING, Row, Rows, TypedCodec
from edge.snmp.oids import parse_oid
from local.printers.rows import Value as PrinterValue
from tests.support.edge import MemoryTransport

CONFIRMED = {"source": "a recording", "confirmed": True}
UNCONFIRMED = {"source": "somebody's list", "confirmed": False}
ACME = "1.3.6.1.4.1.99999"


def rows_with(values: Mapping[str, int | str | bytes]) -> Rows:
    """Rows from dotted names: numbers as INTEGER, texts and octets as OCTET STRING."""
    return {parse_oid(name): _row(value) for name, value in values.items()}


def _row(value: int | str | bytes) -> Row:
    if isinstance(value, int):
        return Row(INTEGER, value)
    return Row(OCTET_STRING, value.encode() if isinstance(value, str) else value)


def acme(**changes: object) -> dict[str, Any]:
    """A small maker's profile, as its file holds it."""
    profile: dict[str, Any] = {
        "manufacturer": "Acme",
        "brands": {"ACME": "Acme"},
        "object_ids": [f"{ACME}.1"],
        "model": [{"oid": f"{ACME}.2.1.0", "claim": CONFIRMED}],
    }
    return profile | changes


def acme_profile(**changes: object) -> Profile:
    """`acme`, validated."""
    return Profile.model_validate(acme(**changes))


def counter_of(name: str, oid: str, **changes: object) -> dict[str, Any]:
    """An entry of ``counters``; ``oid`` below the maker's subtree."""
    return {"name": name, "oid": f"{ACME}.{oid}", "parse": "number", "claim": CONFIRMED} | changes


def table_of(*counters: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of ``counter_tables``: labels below .4, values below .3."""
    return {"label_columns": [f"{ACME}.9.4"], "value_column": f"{ACME}.9.3", "counters": list(counters)}


BROTHERS: dict[str, object] = {"code_octets": 1, "skip_octets": 1, "length_octets": 1, "end": 255}
"""A layout of records, as Brother's."""


def records(*pairs: tuple[int, bytes]) -> bytes:
    """A block of records in Brother's layout."""
    return b"".join(bytes([code, 1, len(value)]) + value for code, value in pairs) + b"\xff"


def supply_of(part: str, gives: str, oid: str, **changes: object) -> dict[str, Any]:
    """An entry of ``supplies``; ``oid`` below the maker's subtree."""
    return {"part": part, "gives": gives, "oid": f"{ACME}.{oid}", "parse": "number", "claim": CONFIRMED} | changes


def typed(rows: Mapping[Any, PrinterValue]) -> tuple[MemoryTransport, TypedCodec]:
    """A printer in memory whose values' types are noted."""
    transport, codec = MemoryTransport(rows), TypedCodec()
    transport._codec = codec
    return transport, codec
