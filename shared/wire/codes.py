"""Activation codes as people type them: Crockford base32 with a check symbol."""

from hashlib import sha256
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_ALPHABET: Final = ALPHABET + "*~$=U"
CODE_LENGTH: Final = 16
_LOOK_ALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def check_symbol(body: str) -> str:
    """Crockford's check symbol: the number modulo 37."""
    number = 0
    for symbol in body:
        number = number * 32 + ALPHABET.index(symbol)
    return CHECK_ALPHABET[number % 37]


def normalise_code(typed: str) -> str | None:
    """The code without hyphens and look-alikes, or None when it cannot be one (a typing error)."""
    code = typed.strip().upper().translate(_LOOK_ALIKES)
    body, check = code[:CODE_LENGTH], code[CODE_LENGTH:]
    if len(body) != CODE_LENGTH or len(check) != 1 or any(symbol not in ALPHABET for symbol in body):
        return None
    return code if check_symbol(body) == check else None


def format_code(code: str) -> str:
    """The normalised code in groups of four, as it is shown to people."""
    body = code[:CODE_LENGTH]
    groups = [body[start : start + 4] for start in range(0, CODE_LENGTH, 4)]
    return "-".join(groups) + f"-{code[CODE_LENGTH:]}"


def code_digest(code: str) -> str:
    """Hex SHA-256 of a normalised code: all that is stored of it."""
    return sha256(code.encode("ascii")).hexdigest()
