"""The customer's IT department reads in docs/agent-security.md exactly what is asked over IPP."""

import re
from pathlib import Path

from edge.ipp.attributes import REQUESTED_ATTRIBUTES

DOCUMENT = Path(__file__).parents[2] / "docs" / "agent-security.md"


def test_the_attributes_asked_for_over_ipp_are_those_of_the_document() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").split("## What is asked over IPP?")[1].split("\n## ")[0]

    named = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", section, re.MULTILINE)

    assert dict(named) == REQUESTED_ATTRIBUTES
