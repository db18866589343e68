"""Recordings of printers in snmpsim's format: one ``OID|tag|value`` a line, sorted by OID.

The tag is the number of the value's SNMP type (RFC 2578); an ``x`` after it says that the value is in hexadecimal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from edge.snmp.ber import Frame, element_at, expect
from edge.snmp.codec import Absent, Codec, Oid, Reply, Value
from edge.snmp.earlier import Earlier
from edge.snmp.oids import dotted, parse_oid

INTEGER: Final = 2
OCTET_STRING: Final = 4
OBJECT_IDENTIFIER: Final = 6
IP_ADDRESS: Final = 64
OPAQUE: Final = 68
NUMBERS: Final = frozenset({INTEGER, 65, 66, 67, 70})
"""INTEGER, Counter32, Gauge32, TimeTicks, Counter64."""
TEXTS: Final = frozenset({OCTET_STRING, IP_ADDRESS, OPAQUE})
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
MAX_ROWS: Final = 100_000
_FIELDS: Final = 3
_SEQUENCE_TAG: Final = 0x30
_PLAIN: Final = re.compile(rb"[!-~](?:[ -~]*[!-~])?")
_MAX_ARCS: Final = 128


class RecordingError(ValueError):
    """A recording cannot be used; the message names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value with the tag of its type."""

    tag: int
    value: int | bytes | Oid

    def line(self, name: Oid) -> str:
        """The row as a line of the file; octets that are not plain text in hexadecimal."""
        if isinstance(self.value, bytes):
            plain = not self.value or (self.tag == OCTET_STRING and _PLAIN.fullmatch(self.value))
            text = self.value.decode("ascii") if plain else self.value.hex()
            return f"{dotted(name)}|{self.tag}{'' if plain else 'x'}|{text}"
        text = dotted(self.value) if isinstance(self.value, tuple) else str(self.value)
        return f"{dotted(name)}|{self.tag}|{text}"


Rows = dict[Oid, Row]


class TypedCodec(Codec):
    """A codec that also notes the SNMP type of each value: a recording keeps it, a reading does not need it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[Oid, int] = {}

    def decode(self, frame: Frame, earlier: Earlier | None = None) -> Reply:
        """As `Codec.decode`.

        Raises:
            MalformedReply: it is no response, or a binding is not a name and a value.
        """
        del earlier  # a recording asks nothing twice, and needs the type of everything
        reply = super().decode(frame)
        for (name, value), octets in zip(reply.bindings, frame.bindings, strict=True):
            if not isinstance(value, Absent):
                self.tags[name] = _value_tag(octets)
        return reply

    def row(self, name: Oid, value: Value) -> Row | None:
        """The value as a row; None for one that a recording cannot keep."""
        tag = self.tags.get(name)
        if isinstance(value, Absent) or tag is None:
            return None
        return Row(tag, value)


def _value_tag(binding: bytes) -> int:
    pair = expect(binding, 0, len(binding), _SEQUENCE_TAG)
    name = expect(binding, pair.start, pair.stop, OBJECT_IDENTIFIER)
    return element_at(binding, name.stop, pair.stop).tag


def recording_text(rows: Mapping[Oid, Row]) -> str:
    """The whole file."""
    return "".join(f"{rows[name].line(name)}\n" for name in sorted(rows))


def read_recording(path: Path) -> Rows:
    """The rows of a recording file.

    Raises:
        RecordingError: the file cannot be read, is too large or too long, or a line is malformed.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise RecordingError(f"{path}: larger than {MAX_FILE_BYTES} octets")
        content = path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    rows: Rows = {}
    for number, raw in enumerate(content.split("\n"), start=1):
        line = raw.rstrip("\r")
        if not line:
            continue
        try:
            name, row = _parsed(line)
        except ValueError as error:
            raise RecordingError(f"{path}:{number}: {error}; a line is OID|tag|value") from error
        rows[name] = row
        if len(rows) > MAX_ROWS:
            raise RecordingError(f"{path}: more than {MAX_ROWS} rows")
    if not rows:
        raise RecordingError(f"{path}: has no rows; is it a recording?")
    return rows


def _parsed(line: str) -> tuple[Oid, Row]:
    fields = line.split("|", 2)
    if len(fields) != _FIELDS:
        raise ValueError("has not three fields")
    name, tag = _oid(fields[0]), int(fields[1].removesuffix("x"))
    return name, Row(tag, _value(tag, fields[2], hexadecimal=fields[1].endswith("x")))


def _oid(text: str) -> Oid:
    name = parse_oid(text)
    if not 1 < len(name) <= _MAX_ARCS or min(name) < 0:
        raise ValueError(f"{text[:40]!r} is no object identifier")
    return name


def _value(tag: int, text: str, *, hexadecimal: bool) -> int | bytes | Oid:
    if tag in TEXTS:
        if hexadecimal:
            return bytes.fromhex(text)
        return IPv4Address(text).packed if tag == IP_ADDRESS and text else text.encode("utf-8", "surrogateescape")
    if tag not in NUMBERS | {OBJECT_IDENTIFIER} or hexadecimal:
        raise ValueError(f"tag {tag} is not known, or cannot be hexadecimal")
    return _oid(text) if tag == OBJECT_IDENTIFIER else int(text)
