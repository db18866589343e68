"""The orders context on moto, its workflow and its events remembered."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from functions.orders import on_change, on_sweep, settings
from shared.events import BusEvent
from tests.support.order_tables import ARN, FakeWorkflow, Tables


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    for name in ("ORDERS", "FLEET", "ACCOUNTS", "ELIGIBILITY"):
        monkeypatch.setenv(f"{name}_TABLE", name.lower())
    monkeypatch.setenv("SUPPLIES_ORDER_MACHINE_ARN", ARN)
    monkeypatch.setenv("EVENT_BUS", "bus")
    for cached in (settings.evaluation_settings, settings.change_settings, settings.workflow_settings):
        cached.cache_clear()
    with mock_aws():
        yield Tables()


@pytest.fixture
def workflow(monkeypatch: pytest.MonkeyPatch) -> FakeWorkflow:
    fake = FakeWorkflow()
    for module in (on_change, on_sweep):
        monkeypatch.setattr(module, "machine", lambda _arn: fake)
    return fake


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[BusEvent]:
    events: list[BusEvent] = []
    monkeypatch.setattr(on_change, "publish", lambda published, **_: events.extend(published))
    return events
