"""By which zone the days of an upload are dated."""

from types import SimpleNamespace

import pytest

from functions.ingest import settings, upload_api
from tests.support.api_events import agent_caller
from tests.support.ingest import NOW


class _Accounts:
    """Has one site, that a look which may be a moment behind misses."""

    def site(self, _tenant_id: str, _site_id: str, *, consistent: bool = True) -> SimpleNamespace | None:
        return SimpleNamespace(time_zone="Europe/Berlin") if consistent else None


def test_a_site_that_was_just_made_has_its_own_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "accounts", _Accounts)

    assert upload_api.Zones().of(agent_caller(), NOW).key == "Europe/Berlin"
