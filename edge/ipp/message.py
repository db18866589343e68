"""IPP messages (RFC 8010): the one request that is ever sent, and a bounded reading of the answer.

pyipp writes the request and decodes the values. Its parser follows the lengths it is told, backwards too, and loses a
whole answer for one bad value; so the answer is cut and checked here, attribute by attribute, and only values that
are what they claim reach it. Texts are kept as octets: pyipp drops what is not UTF-8.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.ipp.attributes import REQUESTED_ATTRIBUTES, Attributes, Item

MAX_VALUES: Final = 20_000
"""Values looked at in one answer, asked for or not: a printer that answers everything sends some thousands."""
MAX_ITEMS: Final = 128
"""Values kept of one attribute."""

_SUCCESSFUL: Final = range(0x0100)  # RFC 8011 section 4.1.6.2
_HEADER_OCTETS: Final = 8
_LONGEST: Final = 0x7FFF  # lengths are SIGNED-SHORT
_FIRST_VALUE_TAG: Final = 0x10
_OUT_OF_BAND_END: Final = 0x20  # unsupported, unknown, no-value …
_END_OF_ATTRIBUTES: Final = 0x03
_PRINTER_GROUP: Final = 0x04
_BEGIN_COLLECTION: Final = 0x34
_END_COLLECTION: Final = 0x37
_MEMBER_NAME: Final = 0x4A
_NUMBER_OCTETS: Final = {0x21: 4, 0x22: 1, 0x23: 4}  # integer, boolean, enum
_TEXTS: Final = frozenset({0x30, 0x41, 0x42, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49})  # octetString, text … mimeMediaType
_TEXTS_WITH_LANGUAGE: Final = frozenset({0x35, 0x36})


class MalformedAnswer(Exception):
    """The octets are no IPP answer."""


@dataclass(frozen=True, slots=True)
class IppAnswer:
    """An answer's status (RFC 8011 section 4.1.6) and the attributes of its printer."""

    status: int
    attributes: Attributes

    @property
    def is_success(self) -> bool:
        """Whether the printer did as asked; attributes that it does not know do not matter."""
        return self.status in _SUCCESSFUL


@dataclass(slots=True)
class _Value:
    """One value as it was sent, from its tag on; a collection with all that is in it."""

    tag: int
    content: bytes
    octets: bytes
    members: "list[_Value]"


def request_octets(printer_uri: str, *, version: tuple[int, int] = (2, 0), request_id: int = 1) -> bytes:
    """Get-Printer-Attributes of the requested attributes; says who asks, and names no person.

    Args:
        printer_uri: the printer asked, such as ``ipp://10.0.0.5/ipp/print``.
        version: the IPP version, major and minor.
        request_id: comes back in the answer.
    """
    from pyipp.enums import IppOperation  # noqa: PLC0415  it brings an HTTP library of its own: 12 MB, so when needed
    from pyipp.serializer import encode_dict  # noqa: PLC0415  the same

    return encode_dict(
        {
            "version": version,
            "operation": IppOperation.GET_PRINTER_ATTRIBUTES,
            "request-id": request_id,
            "operation-attributes-tag": {  # the first three in this order: RFC 8011 section 4.1.4.1
                "attributes-charset": "utf-8",
                "attributes-natural-language": "en",
                "printer-uri": printer_uri,
                "requesting-user-name": "platen-agent",
                "requested-attributes": list(REQUESTED_ATTRIBUTES),
            },
        }
    )


def read_answer(message: bytes) -> IppAnswer:
    """The status and the requested attributes of the first printer in an answer.

    An attribute that cannot be read is named as unreadable; the others are kept.

    Raises:
        MalformedAnswer: it does not have the form of RFC 8010, is cut off, or has more values than a printer sends.
    """
    if len(message) < _HEADER_OCTETS:
        raise MalformedAnswer("shorter than an IPP header")
    status = struct.unpack_from(">H", message, 2)[0]
    items: dict[str, list[Item]] = {}
    unreadable: set[str] = set()
    for name, values in _printer_attributes(message):
        if name not in REQUESTED_ATTRIBUTES or name in items or name in unreadable:
            continue
        try:
            found = [item for value in values[:MAX_ITEMS] if (item := _item(value, name)) is not None]
        except MalformedAnswer:
            unreadable.add(name)
            continue
        if found:
            items[name] = found
    return IppAnswer(status, Attributes(items, frozenset(unreadable)))


def _printer_attributes(message: bytes) -> Iterator[tuple[str, list[_Value]]]:
    group = 0
    printers = 0
    name = ""
    values: list[_Value] = []
    for delimiter, named, value in _pieces(message):
        if value is not None and not named and name:
            values.append(value)  # one more value of the attribute before
            continue
        if name and group == _PRINTER_GROUP and printers == 1:
            yield name, values
        name, values = named, [] if value is None else [value]
        if value is None:
            group = delimiter
            printers += delimiter == _PRINTER_GROUP


def _pieces(message: bytes) -> Iterator[tuple[int, str, _Value | None]]:
    """Delimiters (with no value) and values with their names, until the end-of-attributes tag."""
    at = _HEADER_OCTETS
    for _ in range(MAX_VALUES):
        if at >= len(message):
            raise MalformedAnswer("it ends before its end")
        if message[at] < _FIRST_VALUE_TAG:
            yield message[at], "", None
            if message[at] == _END_OF_ATTRIBUTES:
                return
            at += 1
            continue
        name, value, at = _cut(message, at)
        if value.tag == _BEGIN_COLLECTION:
            at = _cut_collection(message, at, value)
        yield 0, name, value
    raise MalformedAnswer(f"more than {MAX_VALUES} values")


def _cut(message: bytes, at: int) -> tuple[str, _Value, int]:
    start = at
    name_octets, at = _field(message, at + 1)
    content, at = _field(message, at)
    name = name_octets.decode("ascii", "replace")
    return name, _Value(message[start], content, message[start:at], []), at


def _field(message: bytes, at: int) -> tuple[bytes, int]:
    if at + 2 > len(message):
        raise MalformedAnswer("it ends within a length")
    length = struct.unpack_from(">H", message, at)[0]
    end = at + 2 + length
    if length > _LONGEST or end > len(message):
        raise MalformedAnswer("a length points outside of it")
    return message[at + 2 : end], end


def _cut_collection(message: bytes, at: int, value: _Value) -> int:
    """Gather everything up to the collection's own end; collections within are gone through, not into."""
    start, depth = at, 1
    for _ in range(MAX_VALUES):
        if at >= len(message) or message[at] < _FIRST_VALUE_TAG:
            raise MalformedAnswer("a collection does not end")
        _, member, at = _cut(message, at)
        value.members.append(member)
        depth += (member.tag == _BEGIN_COLLECTION) - (member.tag == _END_COLLECTION)
        if depth == 0:
            value.octets += message[start:at]
            return at
    raise MalformedAnswer(f"a collection of more than {MAX_VALUES} values")


def _item(value: _Value, name: str) -> Item | None:
    """The value, None when the printer says that it has none; `MalformedAnswer` when it is not what it claims."""
    if value.tag < _OUT_OF_BAND_END:
        return None
    if value.tag in _TEXTS:
        return value.content
    if value.tag in _TEXTS_WITH_LANGUAGE:
        _, at = _field(value.content, 0)
        text, at = _field(value.content, at)
        if at != len(value.content):
            raise MalformedAnswer("a text of another length than it says")
        return text
    if value.tag == _BEGIN_COLLECTION:
        return _numbers_of(value, name)
    if len(value.content) != _NUMBER_OCTETS.get(value.tag):
        raise MalformedAnswer(f"tag {value.tag:#04x} of {len(value.content)} octets")
    return _decoded(value, name)


def _numbers_of(value: _Value, name: str) -> dict[str, int]:
    """A collection whose members are names and numbers, one number a name."""
    kinds = {member.tag for member in value.members[:-1]}
    sizes = {len(member.content) == _NUMBER_OCTETS.get(member.tag, len(member.content)) for member in value.members}
    if not kinds <= {_MEMBER_NAME, *_NUMBER_OCTETS} or sizes - {True}:
        raise MalformedAnswer("a collection of more than numbers")
    found = _decode_with_pyipp(value, name)
    if not isinstance(found, dict):
        raise MalformedAnswer("a collection that is none")
    return {str(member): int(number) for member, number in found.items() if isinstance(number, int)}


def _decoded(value: _Value, name: str) -> int:
    found = _decode_with_pyipp(value, name)
    if not isinstance(found, int):
        raise MalformedAnswer("a number that is none")
    return int(found)


def _decode_with_pyipp(value: _Value, name: str) -> object:
    from pyipp.parser import parse_attribute  # noqa: PLC0415  as in `request_octets`

    try:
        return parse_attribute(value.octets, 0, name)[0]["value"]
    except (struct.error, ValueError, KeyError, IndexError, TypeError) as error:  # an enum it does not know, and so on
        raise MalformedAnswer(f"{type(error).__name__} in {name}") from error
