"""Tags of printers as text: one form for each, whoever types it."""

from typing import Annotated, Final
from unicodedata import normalize

from pydantic import AfterValidator, StringConstraints

from shared.text_rules import control_character

MOST_ON_A_PRINTER: Final = 20
LONGEST: Final = 50


def normal_tag(text: str) -> str:
    """The tag in its one form: NFKC, case folded, single spaces."""
    # Folding may undo the composition, so it is composed again.
    return " ".join(normalize("NFKC", normalize("NFKC", text).casefold()).split())


def _checked(text: str) -> str:
    tag = normal_tag(text)
    if not tag or len(tag) > LONGEST:
        raise ValueError(f"A tag has 1 to {LONGEST} characters")
    if control_character(tag) is not None:
        raise ValueError("A tag holds only characters that can be shown")
    return tag


Tag = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST), AfterValidator(_checked)]
"""A text that is brought to its normal form."""
