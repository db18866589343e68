"""Ids: a prefix that says the kind, then a ULID in lower case, so that they sort by time of making."""

import re
from typing import Annotated, Final

from pydantic import StringConstraints
from ulid import ULID

ID_PATTERN: Final = r"^[a-z]{2,4}_[0-9a-hjkmnp-tv-z]{26}$"
_ID: Final = re.compile(ID_PATTERN)

EntityId = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=31)]


def new_id(prefix: str) -> str:
    """A new id such as ``prn_01jd2x…``; prefixes: org, site, ctc, key, act, agt, prn, ord, enr, sc and the like."""
    return f"{prefix}_{str(ULID()).lower()}"


def is_id(value: str, prefix: str) -> bool:
    """True when ``value`` has the form of an id of that kind."""
    return value.startswith(f"{prefix}_") and _ID.fullmatch(value) is not None
