"""Contact imports as their callers and their worker know them (CTC-01 to CTC-05, AT-CTC-01 to AT-CTC-05)."""

import base64
import json
import os

import pytest

from functions.accounts import accounts_api
from functions.accounts.imports.file import TEMPLATE
from tests.support.accounts import call, new_contact
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
    QUEUE,
    Json,
    begun,
    contact_file,
    imported,
    messages,
    names,
    numbered,
    post_file,
    report,
    work,
)
from tests.unit.accounts.conftest import Dealer, stored_texts


def exported(organization_id: str = CHILD_ORGANIZATION) -> str:
    text: str = call(partner(), "GET", "/v1/contact-exports", query={"organization_id": organization_id})["body"]
    return text


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
