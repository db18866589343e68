"""Row indexes of tables as the wire writes them."""

from functools import lru_cache
from typing import Final

from edge.snmp.codec import Oid

_MAX_PARTS: Final = 4
_LARGEST_PART: Final = 9_999_999_999


@lru_cache(maxsize=1_024)
def wire_index(index: Oid) -> str | None:
    """The index as dotted numbers; None for one that no printer table has."""
    if not 0 < len(index) <= _MAX_PARTS or max(index) > _LARGEST_PART:
        return None
    return ".".join(map(str, index))
