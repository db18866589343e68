"""Blocks of records in one octet string, as Brother's: code, length, value, again and again. Pure."""

from collections.abc import Iterator

from edge.profiles.supplies import RecordLayout


def record_value(octets: bytes, code: int, layout: RecordLayout) -> bytes | None:
    """The value of the first record with a code; None when there is none or the block breaks off before it ends."""
    return next((value for found, value in _records(octets, layout) if found == code), None)


def _records(octets: bytes, layout: RecordLayout) -> Iterator[tuple[int, bytes]]:
    """Each whole record. Every step goes forward, so any octets come to an end."""
    head = layout.code_octets + layout.skip_octets + layout.length_octets
    at = 0
    while at + head <= len(octets) and octets[at] != layout.end:
        code = int.from_bytes(octets[at : at + layout.code_octets], "big")
        length = int.from_bytes(octets[at + head - layout.length_octets : at + head], "big")
        value = octets[at + head : at + head + length]
        if len(value) < length:
            return
        yield code, value
        at += head + length
