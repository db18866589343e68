"""Reads `.snmprec` recordings: one ``OID|tag|value`` a line, the data format of snmpsim.

Tags: 2 INTEGER, 4 OCTET STRING, 6 OBJECT IDENTIFIER, 64 IpAddress, 65 Counter32, 66 Gauge32, 67 TimeTicks;
an ``x`` after 4 or 64 says that the value is in hexadecimal digits. Anything else is refused by line.
"""

from ipaddress import IPv4Address
from pathlib import Path

from local.printers.rows import INTEGER_RANGE, Oid, Tag, Value, parse_oid

SUFFIX = ".snmprec"
MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_ROWS = 100_000
_FIELDS = 3


class RecordingError(ValueError):
    """A recording cannot be used; the message names the file, the line and what is wrong."""


def _parse_value(tag_text: str, value: str) -> Value:
    hexadecimal = tag_text.endswith("x")
    tag = Tag(int(tag_text.removesuffix("x")))
    if hexadecimal and tag not in {Tag.OCTET_STRING, Tag.IP_ADDRESS}:
        raise ValueError(f"tag {tag_text} cannot be hexadecimal")
    if tag in INTEGER_RANGE:
        lowest, highest = INTEGER_RANGE[tag]
        number = int(value)
        if not lowest <= number <= highest:
            raise ValueError(f"{number} does not fit {tag.name}")
        return Value(tag, number)
    if tag is Tag.OBJECT_IDENTIFIER:
        return Value(tag, parse_oid(value))
    if hexadecimal:
        content = bytes.fromhex(value)
    elif tag is Tag.IP_ADDRESS:
        content = IPv4Address(value).packed
    else:
        content = value.encode("utf-8", "surrogateescape")
    if tag is Tag.IP_ADDRESS and len(content) != 4:  # noqa: PLR2004  RFC 2578 section 7.1.5
        raise ValueError("an IpAddress has four octets")
    return Value(tag, content)


def parse_line(line: str) -> tuple[Oid, Value]:
    """One row.

    Raises:
        ValueError: the line is not ``OID|tag|value`` with a tag that is known and a value that fits it.
    """
    fields = line.split("|", 2)
    if len(fields) != _FIELDS:
        raise ValueError("expected OID|tag|value")
    return parse_oid(fields[0]), _parse_value(fields[1], fields[2])


def parse_recording(lines: str, *, name: str) -> dict[Oid, Value]:
    """The rows of a recording's text; ``name`` is for messages.

    Raises:
        RecordingError: a line is malformed, an OID comes twice, there is no row or too many.
    """
    rows: dict[Oid, Value] = {}
    for number, line in enumerate(lines.split("\n"), start=1):
        if not line.rstrip("\r"):
            continue
        try:
            oid, value = parse_line(line.rstrip("\r"))
        except ValueError as error:
            raise RecordingError(f"{name}, line {number}: {error}") from error
        if oid in rows:
            raise RecordingError(f"{name}, line {number}: this OID was recorded before")
        rows[oid] = value
        if len(rows) > MAX_ROWS:
            raise RecordingError(f"{name}: more than {MAX_ROWS} rows")
    if not rows:
        raise RecordingError(f"{name}: no rows; is it an {SUFFIX} file?")
    return rows


def read_recording(path: Path) -> dict[Oid, Value]:
    """The rows of a recording file.

    Raises:
        RecordingError: the file cannot be read, is too large, or is malformed.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise RecordingError(f"{path}: larger than {MAX_FILE_BYTES} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from error
    return parse_recording(content.decode("utf-8", "surrogateescape"), name=str(path))


def find_recordings(folder: Path) -> list[Path]:
    """Every recording of a folder, by name.

    Raises:
        RecordingError: it is no folder, or holds no recording.
    """
    if not folder.is_dir():
        raise RecordingError(f"{folder}: not a folder; give the folder that holds the {SUFFIX} files")
    found = sorted(folder.glob(f"*{SUFFIX}"))
    if not found:
        raise RecordingError(f"{folder}: holds no {SUFFIX} file")
    return found
