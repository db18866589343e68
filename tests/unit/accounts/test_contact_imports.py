"""Contact imports as their callers and their worker know them (CTC-01 to CTC-05, AT-CTC-01 to AT-CTC-05)."""

import base64
import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.accounts import accounts_api
from functions.accounts import keys as own_keys
from functions.accounts.contact_file import TEMPLATE
from functions.accounts.import_models import KeptImport
from functions.accounts.import_repository import ImportRepository
from shared import aws
from shared.directory import keys
from shared.ids import new_id
from shared.table import Condition, Table
from tests.support.accounts import add_organization, call, new_contact
from tests.support.api_events import (
    CHILD_ORGANIZATION,
    ROOT_ORGANIZATION,
    body_of,
    foreign_partner,
    function_context,
    partner,
    rest_event,
)
from tests.support.contact_files import (
    ClockedContext,
    Json,
    begun,
    contact_file,
    dying,
    messages,
    numbered,
    post_file,
    report,
    work,
)
from tests.unit.accounts.conftest import Dealer

QUEUE = "CONTACT_IMPORTS_QUEUE_URL"


def imported(text: str, organization_id: str = CHILD_ORGANIZATION) -> Json:
    taken = begun(text, organization_id)
    assert work(taken) == []
    return report(taken["import_id"])


def names(organization_id: str = CHILD_ORGANIZATION) -> list[str]:
    query = {"organization_id": organization_id, "limit": "200"}
    return [each["last_name"] for each in body_of(call(partner(), "GET", "/v1/contacts", query=query))["items"]]


def exported(organization_id: str = CHILD_ORGANIZATION) -> str:
    text: str = call(partner(), "GET", "/v1/contact-exports", query={"organization_id": organization_id})["body"]
    return text


def stored_texts(dealer: Dealer) -> list[str]:
    return [json.dumps(item, default=str) for item in dealer.accounts.client.scan(TableName="accounts")["Items"]]


def test_a_file_is_taken_in_and_its_contacts_are_added_in_its_order(dealer: Dealer) -> None:
    answer = post_file(contact_file(numbered(5)))

    taken = body_of(answer)
    assert answer["statusCode"] == 202
    assert answer["multiValueHeaders"]["Location"] == [f"/v1/contact-imports/{taken['import_id']}"]
    assert (taken["state"], taken["rows"], taken["rows_done"], taken["imported"]) == ("queued", 5, 0, 0)
    assert [json.loads(body) for body in messages(os.environ[QUEUE])] == [  # noqa: TID251 - as the function is given it
        {"tenant_id": ROOT_ORGANIZATION, "import_id": taken["import_id"]}
    ]
    assert work(taken) == []
    done = report(taken["import_id"])
    assert (done["state"], done["rows_done"], done["imported"]) == ("completed", 5, 5)
    assert (done["already_exist"], done["not_imported"], done["missing_or_invalid"]) == ([], [], [])
    assert names() == ["N1", "N2", "N3", "N4", "N5"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (contact_file(numbered(301)), "too_many_rows"),
        (contact_file(numbered(1)).replace("first_name,last_name", "last_name,first_name"), "wrong_header"),
        (contact_file(numbered(1, first_name="M\N{REPLACEMENT CHARACTER}")), "not_utf8"),
    ],
    ids=["AT-CTC-01", "AT-CTC-04", "AT-CTC-05"],
)
def test_at_ctc_01_04_05_a_file_that_is_not_whole_is_refused_and_nothing_of_it_is_kept(
    dealer: Dealer, text: str, code: str
) -> None:
    before = stored_texts(dealer)

    answer = post_file(text)

    assert (answer["statusCode"], body_of(answer)["code"]) == (422, code)
    assert stored_texts(dealer) == before
    assert messages(os.environ[QUEUE]) == []  # noqa: TID251 - as the function is given it


def test_bytes_that_the_gateway_hands_on_as_they_are_are_read_as_such(dealer: Dealer) -> None:
    def post(content: bytes) -> Json:
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        query = {"organization_id": CHILD_ORGANIZATION}
        event = rest_event("POST", "/v1/contact-imports", None, caller=partner(), headers=headers, query=query)
        event |= {"body": base64.b64encode(content).decode(), "isBase64Encoded": True}
        answer: Json = accounts_api.lambda_handler(event, function_context())
        return answer

    text = contact_file(numbered(1, first_name="Jürgen"))

    assert post(text.encode("utf-8-sig"))["statusCode"] == 202
    assert body_of(post(text.encode("cp1252")))["code"] == "not_utf8"
    assert post(b"x" * 262_145)["statusCode"] == 413


@pytest.mark.parametrize("content_type", ["application/json", "application/vnd.ms-excel", ""])
def test_a_body_of_another_type_is_not_read(dealer: Dealer, content_type: str) -> None:
    answer = post_file(TEMPLATE, content_type=content_type)

    assert (answer["statusCode"], body_of(answer)["code"]) == (400, "unsupported_media_type")


def test_at_ctc_02_a_country_code_with_a_plus_is_reported_and_the_other_rows_are_imported(dealer: Dealer) -> None:
    rows = numbered(3)
    rows[1] |= {"phone": "212 5550100", "phone_country_code": "+1"}

    done = imported(contact_file(rows))

    assert [(each["row"], each["column"]) for each in done["missing_or_invalid"]] == [(2, "phone_country_code")]
    assert "not +49" in done["missing_or_invalid"][0]["reason"]
    assert (done["imported"], names()) == (2, ["N1", "N3"])


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


def test_contacts_that_are_there_already_are_told_by_row_and_name_whether_kept_or_in_the_file(dealer: Dealer) -> None:
    call(partner(), "POST", "/v1/contacts", new_contact(CHILD_ORGANIZATION, first_name="ADA", last_name="n2"))
    rows = [*numbered(3), {"last_name": "N1", "city": "Hamburg"}]

    done = imported(contact_file(rows))

    assert done["already_exist"] == [
        {"row": 2, "first_name": "Ada", "last_name": "N2"},
        {"row": 4, "first_name": "Ada", "last_name": "N1"},
    ]
    assert (done["imported"], names()) == (2, ["n2", "N1", "N3"])


def test_what_was_exported_is_there_already_when_it_is_imported(dealer: Dealer) -> None:
    rows = [
        {"last_name": "=HYPERLINK(A1)", "notes": "+1", "company": "-x", "address2": "@home", "state": "'=quoted"},
        {"last_name": "O'Neil", "company": 'Smith, "Sons", Ltd', "notes": "two\nlines"},
        {"first_name": "Zoë", "last_name": "Müller", "phone": "30 1234567", "phone_country_code": "49"},
    ]
    first = imported(contact_file(rows))
    file = exported()

    again = imported(file)

    assert (first["imported"], again["imported"], [each["row"] for each in again["already_exist"]]) == (3, 0, [1, 2, 3])
    assert file == exported()
    assert "'=HYPERLINK(A1)" in file
    assert ",'=quoted," in file
    assert not [cell for line in file.splitlines() for cell in line.split(",") if cell.startswith(("=", "+", "-", "@"))]


def test_a_formula_is_kept_as_the_text_it_is(dealer: Dealer) -> None:
    imported(contact_file([{"last_name": "=1+1"}]))

    assert names() == ["=1+1"]


def test_an_export_pages_and_holds_one_organisations_own_contacts(dealer: Dealer) -> None:
    imported(contact_file(numbered(3)))
    call(partner(), "POST", "/v1/contacts", new_contact(ROOT_ORGANIZATION, last_name="Above"))
    query = {"organization_id": CHILD_ORGANIZATION, "limit": "2"}

    first = call(partner(), "GET", "/v1/contact-exports", query=query)
    cursor = first["multiValueHeaders"]["X-Next-Cursor"][0]
    second = call(partner(), "GET", "/v1/contact-exports", query=query | {"cursor": cursor})

    assert [text.count("Ada,") for text in (first["body"], second["body"])] == [2, 1]
    assert "X-Next-Cursor" not in second["multiValueHeaders"]
    assert first["multiValueHeaders"]["Content-Type"] == ["text/csv; charset=utf-8"]
    assert "Above" in exported(ROOT_ORGANIZATION)
    assert "N1" not in exported(ROOT_ORGANIZATION)


def test_the_sample_file_is_what_an_import_takes(dealer: Dealer) -> None:
    answer = call(partner(), "GET", "/v1/contact-import-template")

    assert answer["body"] == TEMPLATE
    assert imported(answer["body"])["imported"] == 2


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


def test_another_tenant_sees_and_cancels_no_import(dealer: Dealer) -> None:
    taken = begun(contact_file(numbered(2)))
    path = f"/v1/contact-imports/{taken['import_id']}"

    answers = [call(foreign_partner(), "GET", path), call(foreign_partner(), "POST", f"{path}/cancellations")]
    answers += [
        call(foreign_partner(), method, where, body, query={"organization_id": CHILD_ORGANIZATION}, headers=headers)
        for method, where, body, headers in (
            ("POST", "/v1/contact-imports", TEMPLATE, {"Content-Type": "text/csv"}),
            ("GET", "/v1/contact-exports", None, {}),
            ("GET", "/v1/contact-imports", None, {}),
        )
    ]

    assert [answer["statusCode"] for answer in answers] == [404] * 5


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
