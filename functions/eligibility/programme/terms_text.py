"""The terms of service: a versioned text file in ``terms/``, and its digest."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from functions.eligibility.table.models import Terms

TERMS_ID: Final = "mps"
CURRENT_VERSION: Final = "1.0"
LOCALE: Final = "en"


@cache
def current_terms() -> Terms:
    """The terms that have to be accepted now. A text, once published, is never changed: a new one is a new file."""
    text = (Path(__file__).parent / "terms" / f"{TERMS_ID}-{CURRENT_VERSION}.txt").read_bytes()
    return Terms(
        terms_id=TERMS_ID,
        version=CURRENT_VERSION,
        locale=LOCALE,
        sha256=hashlib.sha256(text).hexdigest(),
        text=text.decode(),
    )
