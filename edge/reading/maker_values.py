"""A maker's own objects as numbers and texts, the way its profile tells to read them."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from edge.profiles.makers import Profile, Source
from edge.profiles.record_block import record_value
from edge.reading.text import line_or_none
from edge.snmp.answers import Answers

_DEVICE_ID_MODEL: Final = re.compile(r"(?:^|;)\s*(?:MDL|MODEL):\s*([^;]+)", re.IGNORECASE)
_PARTED: Final = re.compile(r"[,. ']")
_NUMBER_END: Final = 2**63
_MOST_DIGITS: Final = 19


def octets_of(answers: Answers, source: Source, profile: Profile) -> bytes | None:
    """The value of a source's record; None when the printer did not tell it."""
    block = answers.octets(source.oid, ())
    if block is None or source.record is None or profile.record_layout is None:
        return None
    return record_value(block, source.record, profile.record_layout)


def number_of(answers: Answers, source: Source, profile: Profile) -> int | None:
    """A source's number; None when the printer did not tell one that the wire can carry."""
    if source.parse == "number":
        return answers.number(source.oid, ())
    if source.parse == "record":
        octets = octets_of(answers, source, profile)
        number = int.from_bytes(octets, "big") if octets else None
    else:
        number = _number_in(line_or_none(answers.octets(source.oid, ())), source.pattern)
    return number if number is not None and number < _NUMBER_END else None


def _number_in(text: str | None, pattern: re.Pattern[str] | None) -> int | None:
    """The whole number that a pattern finds; thousands may be parted by commas, points or blanks."""
    match = pattern.search(text) if text and pattern else None
    digits = _PARTED.sub("", match[1]) if match and match[1] else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None


def texts_of(answers: Answers, sources: Iterable[Source]) -> Iterator[str]:
    """What the sources say, in their order; those that say nothing are left out."""
    for source in sources:
        text = line_or_none(answers.octets(source.oid, ()))
        if text and source.parse == "ieee1284_model":
            match = _DEVICE_ID_MODEL.search(text)
            text = match[1].strip() if match else None
        if text:
            yield text
