"""The eligibility context on moto."""

from collections.abc import Iterator

import pytest

from tests.support.eligibility import World, eligibility_world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with eligibility_world(monkeypatch) as made:
        yield made
