"""The cursor of a list: where a page ended, good for the same list with the same filters only."""

import base64
import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Self

from shared.errors import FieldError, Malformed

_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended.

    Attributes:
        part: Which part of the list, from 0.
        key: The sort key of its last item in that part.
    """

    part: int
    key: str

    def written(self, list_name: str) -> str:
        """The cursor."""
        plain = json.dumps([_digest(list_name), self.part, self.key], separators=(",", ":"))
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, cursor: str, list_name: str) -> Self:
        """The place of a cursor of this very list.

        Raises:
            Malformed: ``invalid_cursor``.
        """
        try:
            plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            if isinstance(plain, list) and len(plain) == _PARTS:
                digest, part, key = plain
                if digest == _digest(list_name) and type(part) is int and isinstance(key, str) and key.encode():
                    return cls(part, key)
        except (ValueError, TypeError, RecursionError):
            pass
        raise invalid_cursor()


def invalid_cursor() -> Malformed:
    """What is said of a cursor that is not of this list."""
    error = FieldError("query:cursor", "Use the 'next_cursor' of the page before, with the same filters and order.")
    return Malformed("invalid_cursor", "The cursor is not one of this list.", (error,))


def _digest(list_name: str) -> str:
    return blake2b(list_name.encode("utf-8", "replace"), digest_size=6).hexdigest()
