"""Contact imports that are cut off, fail or run out of time (CTC-02)."""

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.accounts.imports.models import KeptImport
from functions.accounts.imports.repository import ImportRepository
from shared import aws
from shared.directory import keys
from shared.ids import new_id
from shared.table import Table
from tests.support.accounts import add_organization, call
from tests.support.api_events import ROOT_ORGANIZATION, body_of, partner
from tests.support.contact_files import (
    QUEUE,
    ClockedContext,
    Json,
    begun,
    contact_file,
    dying,
    imported,
    messages,
    names,
    numbered,
    post_file,
    report,
    work,
)
from tests.unit.accounts.conftest import Dealer, stored_texts


def test_the_file_is_gone_once_the_import_has_ended_however_it_did(dealer: Dealer) -> None:
    done, stopped = begun(contact_file(numbered(2))), begun(contact_file(numbered(2)))
    assert sum('"content"' in text for text in stored_texts(dealer)) == 2

    work(done)
    call(partner(), "POST", f"/v1/contact-imports/{stopped['import_id']}/cancellations")

    assert sum('"content"' in text for text in stored_texts(dealer)) == 0


def test_an_import_that_nobody_can_be_told_of_is_ended_and_may_be_sent_again(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.sqs().delete_queue(QueueUrl=os.environ[QUEUE])  # noqa: TID251 - as the function is given it

    answer = post_file(contact_file(numbered(2)))

    (listed,) = body_of(call(partner(), "GET", "/v1/contact-imports"))["items"]
    assert (answer["statusCode"], body_of(answer)["code"], listed["state"]) == (503, "queue_busy", "failed")
    assert report(listed["import_id"])["not_imported"] == [{"first_row": 1, "last_row": 2, "reason": "System error"}]


def test_the_rest_of_a_long_import_is_left_to_the_next_invocation(dealer: Dealer) -> None:
    taken = begun(contact_file(numbered(5)))
    url = os.environ[QUEUE]  # noqa: TID251 - as the function is given it
    messages(url)

    assert work(taken, context=ClockedContext(2)) == []

    said = report(taken["import_id"])
    assert (said["state"], said["rows_done"], said["not_imported"]) == ("running", 2, [])
    assert [json.loads(body)["import_id"] for body in messages(url)] == [taken["import_id"]]
    work(taken)
    assert names() == ["N1", "N2", "N3", "N4", "N5"]


def test_after_five_failures_the_rest_is_not_imported_for_a_system_error(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = begun(contact_file(numbered(4, first_name="Confidential")))
    add_row = ImportRepository.add_row

    def failing(kept: ImportRepository, seen: KeptImport, row: int, contact: Any) -> Any:  # noqa: ANN401 - as add_row
        if row == 3:
            raise ConnectionError(contact.first_name)
        return add_row(kept, seen, row, contact)

    monkeypatch.setattr(ImportRepository, "add_row", failing)

    again = [work(taken) for _ in range(5)]

    done = report(taken["import_id"])
    assert again == [["m-1"]] * 4 + [[]]
    assert (done["state"], done["imported"]) == ("failed", 2)
    assert done["not_imported"] == [{"first_row": 3, "last_row": 4, "reason": "System error"}]
    assert "Confidential" not in capsys.readouterr().out


def test_a_message_of_an_import_that_nobody_has_is_done_with(dealer: Dealer) -> None:
    assert work({"tenant_id": ROOT_ORGANIZATION, "import_id": new_id("imp")}) == []


def test_an_import_whose_file_ran_out_of_its_time_has_failed(dealer: Dealer) -> None:
    taken = begun(contact_file(numbered(2)))
    dealer.accounts.delete(keys.tenant(ROOT_ORGANIZATION), f"CONTACTIMPORTFILE#{taken['import_id']}")

    assert work(taken) == []

    assert report(taken["import_id"])["state"] == "failed"


def told(said: Json) -> Json:
    """What a report says, without what is another import's by its nature."""
    own = {"import_id", "organization_id", "organization_path", "created_at", "ended_at"}
    return {name: value for name, value in said.items() if name not in own}


ROW = st.fixed_dictionaries(
    {"last_name": st.sampled_from(["A", "a", "B", "C", "D", ""]), "email": st.sampled_from(["x@y.z", "X@y.z", "bad"])}
)
EXAMPLES = 60 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 4  # noqa: TID251 - how long the tests may take


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(ROW, min_size=1, max_size=5), stop=st.integers(1, 6), crash=st.integers(1, 6), written=st.booleans()
)
def test_every_row_is_in_one_group_and_a_crash_at_any_row_changes_nothing(
    dealer: Dealer, rows: list[dict[str, str]], stop: int, crash: int, written: bool
) -> None:
    whole, broken, halted = (new_id("org") for _ in range(3))
    for organization in (whole, broken, halted):
        add_organization(dealer.accounts, organization, above=f"/{ROOT_ORGANIZATION}/")
    text = contact_file(rows)
    expected = imported(text, whole)

    taken = begun(text, broken)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "transact", dying(Table.transact, at=crash, is_written=written))
        work(taken)
        work(taken)
    resumed = report(taken["import_id"])
    taken = begun(text, halted)
    work(taken, context=ClockedContext(stop))
    call(partner(), "POST", f"/v1/contact-imports/{taken['import_id']}/cancellations")

    assert told(resumed) == told(expected)
    assert names(broken) == names(whole)
    for said in (expected, report(taken["import_id"])):
        assert groups(said) == list(range(1, len(rows) + 1))


def groups(said: Json) -> list[int]:
    """Every row of the three groups once, and as many more as were imported."""
    invalid = {each["row"] for each in said["missing_or_invalid"]}
    left_out = [row for each in said["not_imported"] for row in range(each["first_row"], each["last_row"] + 1)]
    in_groups = [*invalid, *left_out, *(each["row"] for each in said["already_exist"])]
    others = [row for row in range(1, said["rows"] + 1) if row not in in_groups]
    assert len(set(in_groups)) == len(in_groups)
    assert len(others) == said["imported"]
    return sorted(in_groups + others)
