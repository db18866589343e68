"""Tickets stream: what became of a call is published once, with ids that stay."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.tickets import on_change, on_reading
from functions.tickets.table.models import CallState, ServiceCall
from shared import aws
from shared.table import Item
from tests.support.api_events import function_context
from tests.support.ticket_tables import ENVIRONMENT, NOTHING_FAILED, Tables, a_failure, a_record, ticket_tables
from tests.support.tickets import PRINTER_ID, TENANT


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    for name, value in (ENVIRONMENT | {"EVENT_BUS": "bus"}).items():
        monkeypatch.setenv(name, value)
    with ticket_tables() as made:
        yield made


class Bus:
    """EventBridge that remembers, and may refuse some."""

    def __init__(self, refused: int = 0) -> None:
        self.refused = refused
        self.details: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.details += [json.loads(entry["Detail"]) for entry in Entries]
        return {"FailedEntryCount": self.refused}


def changed(*records: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    answer: dict[str, list[dict[str, str]]] = on_change.lambda_handler({"Records": list(records)}, function_context())
    return answer


def a_stored_call(tables: Tables) -> tuple[Item, ServiceCall]:
    record = a_record(tables.stands(a_failure()))
    on_reading.lambda_handler({"Records": [record]}, function_context())
    (call,) = tables.calls()
    item = tables.own.get(f"TENANT#{TENANT}#CALL#{call.call_id}", "HEAD")
    assert item is not None
    return item, call


def test_what_became_of_a_call_is_published_with_ids_that_stay(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus()
    monkeypatch.setattr(aws, "events", lambda: bus)
    opened, call = a_stored_call(tables)
    tables.store.save_call(call.changed(state=CallState.RESOLVED, cause="self_cleared"))
    resolved = tables.own.get(opened["pk"], opened["sk"])
    records = (a_record(opened, number="1"), a_record(resolved, opened, number="2"))

    assert changed(*records) == changed(*records) == NOTHING_FAILED

    told = [(detail["name"], detail["event_id"]) for detail in bus.details]
    assert told[:2] == told[2:]
    assert [name for name, _ in told[:2]] == ["ServiceCallOpened", "ServiceCallResolved"]
    assert bus.details[0]["tenant_id"] == TENANT


def test_problems_markers_and_what_was_removed_are_nobodys_news(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = Bus()
    monkeypatch.setattr(aws, "events", lambda: bus)
    opened, _ = a_stored_call(tables)
    others = list(tables.own.query_all(f"TENANT#{TENANT}#PRN#{PRINTER_ID}"))

    assert (
        changed(*(a_record(item) for item in others), a_record(None, opened), a_record(opened, opened))
        == NOTHING_FAILED
    )

    assert len(others) == 2
    assert bus.details == []


def test_a_bus_that_takes_only_some_makes_the_record_come_again(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "events", lambda: Bus(refused=1))
    opened, _ = a_stored_call(tables)

    answer = changed(a_record(opened, number="5"), a_record(opened, opened, number="6"))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "5"}]}
