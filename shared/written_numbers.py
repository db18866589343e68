"""Numbers that people write in a body: a number in JSON, and nothing that could be read as one."""

from typing import Final

from pydantic import BeforeValidator


def _number(value: object) -> object:
    # "true" is neither one page nor one second, and a text is read by whoever sends it.
    if isinstance(value, (bool, str)):
        raise ValueError("a whole number, without quotes")  # noqa: TRY004 - pydantic tells only a ValueError by field
    return value


WRITTEN: Final = BeforeValidator(_number)
"""Beside ``int``: refuses true, false and texts, which would else be taken for numbers."""
