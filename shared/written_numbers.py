"""Numbers and answers that people write in a body: JSON's own, and nothing that could be read as one."""

from typing import Annotated, Final

from pydantic import BeforeValidator


def _number(value: object) -> object:
    # "true" is neither one page nor one second, and a text is read by whoever sends it.
    if isinstance(value, (bool, str)):
        raise ValueError("a whole number, without quotes")  # noqa: TRY004 - pydantic tells only a ValueError by field
    return value


def _answer(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError("true or false, without quotes")  # noqa: TRY004 - as above
    return value


WRITTEN: Final = BeforeValidator(_number)
"""Beside ``int``: refuses true, false and texts, which would else be taken for numbers."""
YesOrNo = Annotated[bool, BeforeValidator(_answer)]
"""A boolean; neither 1 nor "yes"."""
