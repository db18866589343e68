"""A digest kept with each waiting reading: an altered row is found before it is sent, another site's is not taken."""

from hashlib import blake2b
from typing import Final

SEAL_BYTES: Final = 8
_LONGEST_KEY: Final = 64


class Seal:
    """Seals the readings of one site."""

    def __init__(self, owner: str) -> None:
        self._key = owner.encode()[:_LONGEST_KEY]

    def of(self, *fields: str) -> bytes:
        """The digest of a row's fields."""
        return blake2b("\0".join(fields).encode(), digest_size=SEAL_BYTES, key=self._key).digest()

    def holds(self, seal: object, *fields: str) -> bool:
        """Whether the fields are what was sealed, of this site."""
        return isinstance(seal, bytes) and seal == self.of(*fields)
