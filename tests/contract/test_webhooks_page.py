"""What the partners' page says of verifying works as it is printed; the events' page is what the code says."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local import event_pages
from shared.signature import new_secret, signed_headers

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


@pytest.fixture
def is_genuine() -> Any:  # noqa: ANN401 - a function of the page
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    return names["is_genuine"]


def test_the_example_takes_what_is_signed_by_either_secret_and_nothing_else(is_genuine: Any) -> None:  # noqa: ANN401
    old, new, other = new_secret(), new_secret(), new_secret()
    headers = signed_headers("dlv_1", b'{"a":1}', datetime.now(UTC), new, old)

    assert [is_genuine(secret, headers, b'{"a":1}') for secret in (old, new, other)] == [True, True, False]
    assert not is_genuine(old, headers, b'{"a":2}')
    assert not is_genuine(old, headers | {"webhook-id": "dlv_2"}, b'{"a":1}')
    assert not is_genuine(old, headers | {"webhook-timestamp": str(int(time.time()) - 301)}, b'{"a":1}')


@pytest.mark.parametrize("path", sorted(event_pages.files()), ids=lambda path: path.name)
def test_the_events_page_is_what_the_code_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == event_pages.files()[path], "run 'make docs'"
