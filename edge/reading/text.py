"""A printer's octets as text.

Declared character sets are wrong often enough that they come third: ASCII, UTF-8, the declared set, Latin-1.
"""

import re
from functools import lru_cache
from typing import Final

_CODECS: Final = {
    3: "ascii",
    4: "iso8859_1",
    5: "iso8859_2",
    6: "iso8859_3",
    7: "iso8859_4",
    8: "iso8859_5",
    9: "iso8859_6",
    10: "iso8859_7",
    11: "iso8859_8",
    12: "iso8859_9",
    13: "iso8859_10",
    17: "shift_jis",
    18: "euc_jp",
    36: "cp949",
    38: "euc_kr",
    106: "utf_8",
    113: "gbk",
    114: "gb18030",
    2000: "cp1252",
    2001: "cp1252",
    2002: "cp1250",
    2003: "cp1254",
    2004: "hp_roman8",
    2009: "cp850",
    2010: "cp852",
    2011: "cp437",
    2013: "cp862",
    2024: "cp932",
    2025: "gb2312",
    2026: "big5",
    2084: "koi8_r",
    2086: "cp866",
    2109: "cp874",
    2250: "cp1250",
    2251: "cp1251",
    2252: "cp1252",
    2253: "cp1253",
    2254: "cp1254",
    2255: "cp1255",
    2256: "cp1256",
    2257: "cp1257",
    2258: "cp1258",
}
"""IANA MIBenum (prtLocalizationCharacterSet) to the codec that reads it."""

MAX_TEXT: Final = 255
MAX_SHORT_TEXT: Final = 64

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@lru_cache(maxsize=1_024)  # printers of a model tell nearly the same texts
def decode(octets: bytes, character_set: int | None = None) -> str:
    """The text of an octet string, at most 255 characters; never fails.

    Trailing NULs go, and so do control characters other than tab and line feed: they would act on a terminal.

    Args:
        octets: as the printer sent them.
        character_set: prtLocalizationCharacterSet in effect, a MIBenum.
    """
    octets = octets.rstrip(b"\0")
    declared = _CODECS.get(character_set or 0, "ascii")
    for codec in ("ascii", "utf_8", declared):
        try:
            text = octets.decode(codec)
        except UnicodeDecodeError:
            continue
        return _CONTROLS.sub("", text)[:MAX_TEXT]
    return _CONTROLS.sub("", octets.decode("latin_1"))[:MAX_TEXT]


def text_or_none(octets: bytes | None, character_set: int | None = None) -> str | None:
    """`decode`; None for an absent or empty text."""
    if octets is None:
        return None
    return decode(octets, character_set) or None


def line_or_none(octets: bytes | None, character_set: int | None = None) -> str | None:
    """One line of identity text: without blanks around it, inner blanks single; None when nothing is left."""
    if octets is None:
        return None
    return " ".join(decode(octets, character_set).split()) or None
