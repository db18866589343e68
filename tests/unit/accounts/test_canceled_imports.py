"""Contact imports that are canceled (CTC-02, AT-CTC-03)."""

from typing import Any

import pytest

from functions.accounts.imports.models import KeptImport
from functions.accounts.imports.repository import ImportRepository
from functions.accounts.tree import keys as own_keys
from shared.directory import keys
from shared.table import Condition
from tests.support.accounts import call
from tests.support.api_events import body_of, partner
from tests.support.contact_files import (
    ClockedContext,
    Json,
    begun,
    contact_file,
    imported,
    names,
    numbered,
    report,
    work,
)
from tests.unit.accounts.conftest import Dealer


def gone_on(dealer: Dealer, taken: Json, rows: int) -> None:
    """As if so many rows had been imported before."""
    sort_key = own_keys.contact_import(taken["import_id"])
    so_far = Condition("SET rows_done = :rows, imported = :rows", values={":rows": rows})
    assert dealer.accounts.update(keys.tenant(taken["tenant_id"]), sort_key, so_far)


def test_at_ctc_03_canceled_after_row_120_of_200_the_rest_is_not_imported(dealer: Dealer) -> None:
    taken = begun(contact_file(numbered(200)))
    gone_on(dealer, taken, 117)
    work(taken, context=ClockedContext(3))

    canceled = call(partner(), "POST", f"/v1/contact-imports/{taken['import_id']}/cancellations")
    work(taken)

    done = report(taken["import_id"])
    assert canceled["statusCode"] == 200
    assert body_of(canceled) == done
    assert (done["state"], done["imported"], done["rows_done"]) == ("canceled", 120, 120)
    assert names() == ["N118", "N119", "N120"]
    assert done["not_imported"] == [{"first_row": 121, "last_row": 200, "reason": "Import canceled"}]


def test_a_row_that_is_being_written_when_the_import_is_canceled_is_not_imported(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = begun(contact_file(numbered(3)))
    add_row = ImportRepository.add_row

    def meanwhile(kept: ImportRepository, seen: KeptImport, row: int, contact: Any) -> Any:  # noqa: ANN401 - as add_row
        if row == 2:
            call(partner(), "POST", f"/v1/contact-imports/{taken['import_id']}/cancellations")
        return add_row(kept, seen, row, contact)

    monkeypatch.setattr(ImportRepository, "add_row", meanwhile)

    assert work(taken) == []
    done = report(taken["import_id"])
    assert (done["imported"], names()) == (1, ["N1"])
    assert [(each["first_row"], each["last_row"]) for each in done["not_imported"]] == [(2, 3)]


def test_invalid_rows_behind_a_cancellation_stay_in_their_own_group(dealer: Dealer) -> None:
    rows = numbered(6)
    rows[3]["email"] = "nobody"
    taken = begun(contact_file(rows))
    work(taken, context=ClockedContext(2))

    done = body_of(call(partner(), "POST", f"/v1/contact-imports/{taken['import_id']}/cancellations"))

    assert [(each["first_row"], each["last_row"]) for each in done["not_imported"]] == [(3, 3), (5, 6)]
    assert [each["row"] for each in done["missing_or_invalid"]] == [4]


def test_a_cancellation_may_be_repeated_but_does_not_undo_an_import(dealer: Dealer) -> None:
    waiting, ended = begun(contact_file(numbered(2))), imported(contact_file(numbered(2)))

    again = [call(partner(), "POST", f"/v1/contact-imports/{waiting['import_id']}/cancellations") for _ in range(2)]
    late = call(partner(), "POST", f"/v1/contact-imports/{ended['import_id']}/cancellations")

    assert [each["statusCode"] for each in again] == [200, 200]
    assert again[0]["body"] == again[1]["body"]
    assert (late["statusCode"], body_of(late)["code"]) == (409, "import_ended")
