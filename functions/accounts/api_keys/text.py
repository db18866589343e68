"""The text of a partner key: ``plt_live_``, 43 base62 digits (256 bits), 6 base62 digits of CRC-32 over all before.

The checksum refuses typing errors and junk without a table read, and lets secret scanners be sure
(`KEY_PATTERN` is published for them). At rest there is only the SHA-256: 256 random bits need no slow hash.
"""

import hashlib
import re
import zlib
from typing import Final

PREFIX: Final = "plt_live_"
SECRET_BITS: Final = 256
SECRET_DIGITS: Final = 43
CHECKSUM_DIGITS: Final = 6
DISPLAY_LENGTH: Final = 12
KEY_PATTERN: Final = rf"{PREFIX}[0-9A-Za-z]{{{SECRET_DIGITS + CHECKSUM_DIGITS}}}"

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WELL_FORMED: Final = re.compile(KEY_PATTERN, re.ASCII)


def key_from(secret: int) -> str:
    """The key text of a secret of `SECRET_BITS` random bits."""
    body = PREFIX + _base62(secret, SECRET_DIGITS)
    return body + _checksum(body)


def is_well_formed(text: str) -> bool:
    """True when the text has the form of a key and its checksum fits."""
    return _WELL_FORMED.fullmatch(text) is not None and text[-CHECKSUM_DIGITS:] == _checksum(text[:-CHECKSUM_DIGITS])


def hash_of(text: str) -> str:
    """What is stored instead of a secret text: SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def display_prefix(text: str) -> str:
    """As much of a key as people need to tell two apart."""
    return text[:DISPLAY_LENGTH]


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode("ascii")), CHECKSUM_DIGITS)


def _base62(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, rest = divmod(number, len(_ALPHABET))
        text = _ALPHABET[rest] + text
    return text
