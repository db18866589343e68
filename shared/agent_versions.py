"""Which versions of the agent are recent enough: one fact for what is enrolled and what is shown as down-level."""

import re
from itertools import zip_longest
from typing import Final

REQUIRED_AGENT_VERSION: Final = "0.1.0"
"""Older agents are down-level; a stage may require a later one by the variable ``REQUIRED_AGENT_VERSION``."""


def is_at_least(version: str | None, required: str) -> bool:
    """True when the version is not below the required one, component by component as numbers (1.10 > 1.9).

    What follows the numbers (``-rc1``, ``+site``) does not count; a version that cannot be read is below.
    """
    present = _numbers(version or "")
    if not present:
        return False
    for mine, wanted in zip_longest(present, _numbers(required), fillvalue=0):
        if mine != wanted:
            return mine > wanted
    return True


def _numbers(version: str) -> list[int]:
    found = re.match(r"\d{1,9}(?:\.\d{1,9})*", version, re.ASCII)
    return [int(part) for part in found.group().split(".")] if found else []
