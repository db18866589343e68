"""What keeps a printer in service, and what others do to it at the moment of its retirement."""

from collections.abc import Sequence
from typing import Any

import pytest

from functions.ingest.lineages import retiring
from functions.ingest.table.holdings import Holding
from functions.ingest.table.keys import Key
from functions.ingest.table.repository import DynamoDocuments
from shared.attributes import Item
from shared.clock import utc_now
from shared.directory import keys as directory
from shared.table import Table
from tests.support.api_events import ROOT_ORGANIZATION
from tests.support.fleet_door import activated, fleet, problem, tables
from tests.unit.ingest.test_registered_printers import register
from tests.unit.ingest.test_retired_printers import HOUR, held, listed, read_at, read_now, retire, retired

__all__ = ["held", "tables"]  # the fixtures


def test_one_that_was_enrolled_while_a_request_was_cut_short_is_back_with_its_repeat(held: set[Holding]) -> None:
    printer_id = read_now(activated())
    retired(printer_id)
    held.add(Holding.MANAGED)

    assert problem(retire(printer_id), 409)["code"] == "printer_in_use"
    assert listed() == [printer_id]


@pytest.mark.parametrize("holding", list(Holding))
def test_one_that_is_in_use_stays_in_service(held: set[Holding], holding: Holding) -> None:
    printer_id = read_now(activated())
    held.add(holding)

    refused = problem(retire(printer_id), 409)

    assert refused["code"] == "printer_in_use"
    assert holding.value.replace("_", " ") in refused["detail"]
    assert listed() == [printer_id]


def test_one_that_is_enrolled_at_that_moment_stays_in_service(held: set[Holding], tables: dict[str, Table]) -> None:
    printer_id = read_now(activated())
    retired_now = retiring._retired

    def enrolled_meanwhile(*arguments: Any) -> Any:  # noqa: ANN401 - as _retired
        after = retired_now(*arguments)
        held.add(Holding.MANAGED)
        return after

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retiring, "_retired", enrolled_meanwhile)
        assert problem(retire(printer_id), 409)["code"] == "printer_in_use"

    assert listed() == [printer_id]


def test_one_with_a_delivery_contact_stays_until_that_is_taken_away(tables: dict[str, Table]) -> None:
    printer_id = register()["printer_id"]
    key = {"pk": directory.tenant(ROOT_ORGANIZATION), "sk": directory.delivery_contact(printer_id)}
    tables["accounts"].put(key | {"printer_id": printer_id, "contact_id": "ctc_x"})

    assert "a delivery contact" in problem(retire(printer_id), 409)["detail"]


def test_one_that_is_removed_at_that_moment_is_not_retired(monkeypatch: pytest.MonkeyPatch) -> None:
    printer_id, commit = register()["printer_id"], DynamoDocuments.commit

    def overtaken(self: DynamoDocuments, items: list[Any], **more: Any) -> bool:  # noqa: ANN401 - as commit
        monkeypatch.setattr(DynamoDocuments, "commit", commit)
        assert fleet("DELETE", f"/v1/printers/{printer_id}")["statusCode"] == 204
        return commit(self, items, **more)

    monkeypatch.setattr(DynamoDocuments, "commit", overtaken)

    assert problem(retire(printer_id), 503)["code"] == "printer_busy"
    problem(retire(printer_id), 404)


def test_a_reading_of_that_moment_keeps_it_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    grant = activated()
    printer_id, commit = read_now(grant), DynamoDocuments.commit

    def overtaken(self: DynamoDocuments, items: list[Any], **more: Any) -> bool:  # noqa: ANN401 - as commit
        monkeypatch.setattr(DynamoDocuments, "commit", commit)
        read_at(grant, utc_now() - HOUR)
        return commit(self, items, **more)

    monkeypatch.setattr(DynamoDocuments, "commit", overtaken)

    assert retired(printer_id)["retirement"] is not None
    assert listed() == []


def test_a_late_reading_that_saw_it_before_the_retirement_does_not_list_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant, load = activated(), DynamoDocuments.load
    printer_id = read_at(grant, utc_now() - 2 * HOUR)

    def overtaken(self: DynamoDocuments, keys: Sequence[Key], *, consistent: bool = True) -> dict[Key, Item]:
        found = load(self, keys, consistent=consistent)
        if any(sk == directory.PRINTER_STATE for _, sk in found):
            monkeypatch.setattr(DynamoDocuments, "load", load)
            retired(printer_id)
        return found

    monkeypatch.setattr(DynamoDocuments, "load", overtaken)

    assert read_at(grant, utc_now() - HOUR, level=8) == printer_id
    assert [listed(sort=sort) for sort in ("organization", "lowest_supply", "pages_per_month")] == [[], [], []]
    assert listed(retired="true") == [printer_id]
