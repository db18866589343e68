"""What is told of a value that does not fit: what to write, not by which pattern it was refused."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from shared.ids import ID_PATTERN

_PREFIX: Final = "Value error, "
"""What pydantic puts before the words of a validator."""
_MISMATCH: Final = "string_pattern_mismatch"
_A_NUMBER: Final = "not a whole number"
_A_DAY: Final = "not a day such as 2026-11-30"
_A_TIME: Final = "not a time with its zone such as 2026-11-30T18:20:21Z"
_YES_OR_NO: Final = "neither true nor false"
_WORDS: Final = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _A_NUMBER),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), _A_DAY),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "timezone_aware"), _A_TIME),
    **dict.fromkeys(("bool_type", "bool_parsing"), _YES_OR_NO),
}
"""By the type of pydantic's error, whose own words tell how its reader came to fail."""
_NO_ID: Final = "not an id as this API gives them, such as prn_01jd2x8k3v9m4t7r5c2b6n0q1w"


def told_as(text: str) -> WrapValidator:
    """Beside the ``pattern`` of a text: what is told instead of the pattern; the schema keeps the pattern."""

    def worded(value: object, validate: ValidatorFunctionWrapHandler) -> object:
        try:
            return validate(value)
        except ValidationError as error:
            if any(each["type"] == _MISMATCH for each in error.errors(include_url=False, include_input=False)):
                raise PydanticCustomError(_MISMATCH, "{expected}", {"expected": text}) from None
            raise

    return WrapValidator(worded)


def fault_text(error: Mapping[str, Any]) -> str:
    """The words of one of pydantic's errors."""
    if error["type"] == _MISMATCH and error["ctx"].get("pattern") == ID_PATTERN:
        # Not by `told_as`: ids are on the way of every reading, and a validator of ours would cost each of them.
        return _NO_ID
    words = _WORDS.get(error["type"])
    if words is not None:
        return words
    return str(error["msg"]).removeprefix(_PREFIX)
