"""Transfers that people end before all printers were reached: nothing that was moved comes back, nothing more moves."""

import pytest

from functions.ingest.lineages import transfers
from functions.ingest.table import keys
from functions.ingest.table.holdings import Holding
from functions.ingest.table.ports import Documents
from shared.errors import Conflict
from shared.table import Item
from tests.support.api_events import AGENT
from tests.support.ingest import NOW, FakeDocuments
from tests.support.printer_lives import KEY, OTHER_AGENT, Fleet, holding
from tests.unit.ingest.test_transfers import HOUR, asked, done, results, transferred

OTHER_KEY = "key_01jd2x00000000000000000002"


def cancelled(fleet: Fleet, transfer: Item) -> Item:
    return transfers.cancel(fleet.documents, transfer, holding(), key_id=OTHER_KEY, now=NOW + HOUR)


def test_a_cancelled_transfer_leaves_the_others_where_they_are(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "STEP", 2)
    fleet = Fleet(documents)
    printers = [fleet.read(AGENT, serial_number=f"SN-{number}00", mac_address=None) for number in range(5)]
    begun = transferred(fleet, AGENT, OTHER_AGENT)

    after = cancelled(fleet, begun)

    assert (after["state"], after["moved"], after["refused"]) == ("cancelled", 2, 0)
    assert (after["key_id"], after["cancelled_by_key_id"]) == (KEY, OTHER_KEY)
    owners = [fleet.meta(each)["agent_id"] for each in printers]
    assert sorted(owners) == [AGENT] * 3 + [OTHER_AGENT] * 2
    assert set(results(fleet, after)) == {each for each in printers if fleet.meta(each)["agent_id"] == OTHER_AGENT}
    failures: list[Exception] = []
    assert (done(fleet, failures), failures) == (0, [])
    assert [fleet.meta(each)["agent_id"] for each in printers] == owners
    assert cancelled(fleet, after) == after


def test_a_finished_transfer_is_not_cancelled() -> None:
    fleet = Fleet()
    fleet.read(AGENT)
    finished = transferred(fleet, AGENT, OTHER_AGENT)

    with pytest.raises(Conflict, match="completed") as refused:
        cancelled(fleet, finished)

    assert refused.value.code == "transfer_ended"


@pytest.mark.parametrize("at", range(4))
def test_no_printer_is_moved_once_a_transfer_was_cancelled_in_the_middle_of_a_step(
    documents: Documents, at: int
) -> None:
    fleet = Fleet(documents)
    printers = [fleet.read(AGENT, serial_number=f"SN-{number}00", mac_address=None) for number in range(4)]
    begun = asked(fleet, AGENT, OTHER_AGENT)
    looked: list[str] = []

    def holdings_of(_tenant_id: str, printer_id: str) -> frozenset[Holding]:
        looked.append(printer_id)
        if len(looked) == at + 1:
            assert cancelled(fleet, begun)["moved"] == at
        return frozenset()

    after = transfers.step(documents, begun, holdings_of, NOW + HOUR)

    assert (after["state"], after["moved"], "duesk" in after) == ("cancelled", at, False)
    assert sum(fleet.meta(each)["agent_id"] == OTHER_AGENT for each in printers) == at


def test_a_cancellation_that_was_cut_short_is_ended_by_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "STEP", 1)
    fleet = Fleet()
    for number in range(3):
        fleet.read(AGENT, serial_number=f"SN-{number}00", mac_address=None)
    begun = transferred(fleet, AGENT, OTHER_AGENT)
    assert isinstance(fleet.documents, FakeDocuments)
    fleet.documents.fail_after = fleet.documents.writes + 1
    with pytest.raises(ConnectionError):
        cancelled(fleet, begun)
    fleet.documents.fail_after = None
    failures: list[Exception] = []

    assert (done(fleet, failures), failures) == (1, [])

    (after,) = fleet.documents.of_kind(keys.TRANSFER_PREFIX)
    assert (after["state"], after["moved"], "ended_at" in after) == ("cancelled", 1, True)
