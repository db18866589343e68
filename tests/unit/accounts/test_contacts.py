"""The life of a contact: edited, duplicated, found, archived, deleted (CTC-03, CTC-04)."""

from threading import Thread
from typing import Any

import pytest

from functions.accounts.contacts import repository as contact_repository
from functions.accounts.contacts.models import Contact
from functions.accounts.contacts.ports import Written
from functions.accounts.contacts.search import MOST_SEARCH_WRITES, search_places
from shared.directory import keys
from tests.support.accounts import ADDRESS, call, new_contact
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, body_of, foreign_partner, partner
from tests.unit.accounts.conftest import Dealer

Json = dict[str, Any]
CHILD = partner(CHILD_ORGANIZATION)


def made(**changes: object) -> Json:
    answer = call(partner(), "POST", "/v1/contacts", new_contact(CHILD_ORGANIZATION, **changes))
    assert answer["statusCode"] == 201, answer["body"]
    contact: Json = body_of(answer)
    return contact


def details(**changes: object) -> Json:
    given = new_contact(CHILD_ORGANIZATION, **changes)
    del given["organization_id"]
    return given


def put(contact: Json, body: Json, if_match: str | None) -> Json:
    headers = {"If-Match": if_match} if if_match else {}
    return call(partner(), "PUT", f"/v1/contacts/{contact['contact_id']}", body, headers=headers)


def found(search: str, caller: Any = CHILD, **query: str) -> list[str]:  # noqa: ANN401 - a caller
    answer = call(caller, "GET", "/v1/contacts", query={"search": search, **query})
    return [each["last_name"] for each in body_of(answer)["items"]]


def items(dealer: Dealer) -> list[str]:
    """Sort keys of everything in the accounts table."""
    kept = dealer.accounts.client.scan(TableName="accounts")["Items"]
    return sorted(item["sk"]["S"] for item in kept)


def test_an_edit_replaces_every_detail_of_the_version_that_was_read(dealer: Dealer) -> None:
    contact = made(company="Contoso", notes="Ring twice")
    tag = call(partner(), "GET", f"/v1/contacts/{contact['contact_id']}")["multiValueHeaders"]["ETag"][0]

    answer = put(contact, details(last_name="Hopper"), tag)

    kept = body_of(call(partner(), "GET", f"/v1/contacts/{contact['contact_id']}"))
    assert (answer["statusCode"], answer["multiValueHeaders"]["ETag"]) == (200, ['"2"'])
    assert kept == body_of(answer)
    assert (kept["last_name"], kept["company"], kept["notes"]) == ("Hopper", None, None)


@pytest.mark.parametrize(
    ("if_match", "status", "code"),
    [
        (None, 428, "if_match_required"),
        (" ", 428, "if_match_required"),
        ('"2"', 412, "version_changed"),
        ('W/"1"', 412, "version_changed"),
        ("1", 412, "version_changed"),
    ],
)
def test_an_edit_of_a_version_that_nobody_has_seen_changes_nothing(
    dealer: Dealer, if_match: str | None, status: int, code: str
) -> None:
    contact = made()

    answer = put(contact, details(last_name="Hopper"), if_match)

    assert (answer["statusCode"], body_of(answer)["code"]) == (status, code)
    assert body_of(call(partner(), "GET", f"/v1/contacts/{contact['contact_id']}")) == contact


@pytest.mark.parametrize("if_match", ["*", '"7", "1"'])
def test_an_edit_may_name_any_version_or_several(dealer: Dealer, if_match: str) -> None:
    assert put(made(), details(last_name="Hopper"), if_match)["statusCode"] == 200


def test_of_two_edits_of_one_version_only_one_is_written(dealer: Dealer) -> None:
    contact = Contact.model_validate(made())
    kept = contact_repository.ContactRepository(dealer.accounts)
    mine, yours = (contact.model_copy(update={"last_name": name, "version": 2}) for name in ("Mine", "Yours"))

    assert kept.replace_contact(contact, mine) is Written.DONE
    assert kept.replace_contact(contact, yours) is Written.CHANGED
    assert kept.contact(ROOT_ORGANIZATION, contact.contact_id) == mine


def test_the_same_person_is_refused_with_the_id_of_the_contact_that_is_there(dealer: Dealer) -> None:
    contact = made(first_name="Ada", last_name="Müller", email="ada@example.com")
    same = new_contact(CHILD_ORGANIZATION, first_name=" ADA", last_name="MU\u0308LLER", email="Ada@Example.com")

    answer = call(partner(), "POST", "/v1/contacts", same)
    elsewhere = call(partner(), "POST", "/v1/contacts", same | {"organization_id": ROOT_ORGANIZATION})

    assert (answer["statusCode"], body_of(answer)["code"]) == (409, "contact_exists")
    assert contact["contact_id"] in body_of(answer)["detail"]
    assert elsewhere["statusCode"] == 201


def test_an_edit_gives_the_old_name_free_and_takes_the_new_one(dealer: Dealer) -> None:
    contact = made(last_name="Lovelace")
    other = made(last_name="Hopper")

    taken = put(contact, details(last_name="hopper"), '"1"')
    renamed = put(contact, details(last_name="King"), '"1"')

    assert (taken["statusCode"], body_of(taken)["code"]) == (409, "contact_exists")
    assert other["contact_id"] in body_of(taken)["detail"]
    assert renamed["statusCode"] == 200
    assert made(last_name="Lovelace")["contact_id"] != contact["contact_id"]


def test_a_duplicate_has_everything_but_what_was_changed(dealer: Dealer) -> None:
    contact = made(company="Contoso", notes="Ring twice", phone="30 123456", phone_country_code="49")
    path = f"/v1/contacts/{contact['contact_id']}/duplicates"

    answer = call(partner(), "POST", path, {"first_name": "Grace", "notes": None})

    copy = body_of(answer)
    own = {"contact_id", "created_at", "first_name", "notes"}
    assert answer["statusCode"] == 201
    assert {name: copy[name] for name in copy if name not in own} == {
        name: contact[name] for name in contact if name not in own
    }
    assert (copy["first_name"], copy["notes"]) == ("Grace", None)


def test_a_duplicate_that_is_the_same_person_or_no_contact_is_refused(dealer: Dealer) -> None:
    path = f"/v1/contacts/{made()['contact_id']}/duplicates"

    same = call(partner(), "POST", path, {"notes": "Only this"})
    nobody = call(partner(), "POST", path, {"first_name": None})
    unreachable = call(partner(), "POST", path, {"email": None})

    assert (same["statusCode"], body_of(same)["code"]) == (409, "contact_exists")
    assert [error["pointer"] for error in body_of(nobody)["errors"]] == ["/first_name"]
    assert "give an email or a phone" in body_of(unreachable)["errors"][0]["detail"]


def test_a_contact_is_found_by_its_city_and_by_the_words_of_its_business_name_in_any_case(dealer: Dealer) -> None:
    made(last_name="One", company="The Contoso Company", address=ADDRESS | {"city": "Bad Homburg"})
    made(last_name="Two", company="CONTOSO", address=ADDRESS | {"city": "Straße"})
    made(last_name="Three")

    assert sorted(found("contoso")) == ["One", "Two"]
    assert sorted(found("co")) == ["One", "Two"]
    assert found("bad  hom") == ["One"]
    assert found("STRASSE") == ["Two"]
    assert found("homburg") == []
    assert found("berlin") == ["Three"]


def test_a_search_pages_and_lists_nobody_twice(dealer: Dealer) -> None:
    for number in range(5):
        made(last_name=f"N{number}", company="Contoso Consulting Cooperative")
    seen: list[str] = []
    query = {"search": "co", "limit": "4"}

    while True:
        page = body_of(call(CHILD, "GET", "/v1/contacts", query=query))
        seen += [each["last_name"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert sorted(seen) == [f"N{number}" for number in range(5)]


def test_a_search_follows_edits_and_sees_only_what_its_caller_may(dealer: Dealer) -> None:
    contact = made(last_name="One", company="Contoso")
    call(partner(), "POST", "/v1/contacts", new_contact(ROOT_ORGANIZATION, last_name="Above", company="Contoso"))

    put(contact, details(last_name="One", company="Fabrikam"), '"1"')

    assert (found("contoso"), found("fabrikam")) == ([], ["One"])
    assert found("contoso", partner()) == ["Above"]
    assert call(foreign_partner(), "GET", "/v1/contacts", query={"search": "contoso"})["statusCode"] == 404


def test_a_search_for_nothing_is_refused(dealer: Dealer) -> None:
    answer = call(CHILD, "GET", "/v1/contacts", query={"search": "  "})

    assert (answer["statusCode"], body_of(answer)["errors"][0]["pointer"]) == (422, "query:search")


def test_even_in_a_deep_tree_an_edit_fits_in_one_transaction() -> None:
    path = "/" + "".join(f"org_{number:026d}/" for number in range(12))
    contact = Contact.model_validate(
        new_contact(CHILD_ORGANIZATION, company="a b c d e", created_at="2026-11-22T18:20:21Z")
        | {"tenant_id": "t", "organization_path": path, "contact_id": "ctc_1"}
    )

    assert 2 * len(search_places(contact)) == MOST_SEARCH_WRITES


def test_an_archived_contact_is_in_no_list_that_does_not_ask_for_it_until_it_is_restored(dealer: Dealer) -> None:
    contact = made(last_name="One", company="Contoso")
    path = f"/v1/contacts/{contact['contact_id']}/archived"

    first, again = (body_of(call(partner(), "PUT", path)) for _ in range(2))
    hidden = body_of(call(CHILD, "GET", "/v1/contacts"))["items"]
    asked_for = body_of(call(CHILD, "GET", "/v1/contacts", query={"archived": "true"}))["items"]

    assert first["archived_at"] == again["archived_at"] is not None
    assert (hidden, found("contoso"), found("contoso", archived="true")) == ([], [], ["One"])
    assert [each["contact_id"] for each in asked_for] == [contact["contact_id"]]
    restored = [body_of(call(partner(), "DELETE", path)) for _ in range(2)]
    assert restored[0] == restored[1] == contact | {"version": 3}
    assert found("contoso") == ["One"]


def test_at_ctc_06_an_assigned_contact_is_not_deleted_and_the_refusal_says_how_many_printers_it_has(
    dealer: Dealer,
) -> None:
    contact = made()
    body = {"contact_id": contact["contact_id"], "printer_ids": dealer.printers[:3]}
    call(partner(), "POST", "/v1/contact-assignments", body)

    refused = call(partner(), "DELETE", f"/v1/contacts/{contact['contact_id']}")

    assert (refused["statusCode"], body_of(refused)["code"]) == (409, "contact_assigned")
    assert "3 printers" in body_of(refused)["detail"]
    for printer in dealer.printers[:3]:
        call(partner(), "DELETE", f"/v1/contact-assignments/{printer}")
    assert call(partner(), "DELETE", f"/v1/contacts/{contact['contact_id']}")["statusCode"] == 204


def test_a_deleted_contact_leaves_nothing_behind(dealer: Dealer) -> None:
    before = items(dealer)
    contact = made(company="Contoso")

    gone = call(partner(), "DELETE", f"/v1/contacts/{contact['contact_id']}")["statusCode"]
    again = call(partner(), "DELETE", f"/v1/contacts/{contact['contact_id']}")["statusCode"]

    assert (gone, again, items(dealer)) == (204, 404, before)


def test_a_contact_that_is_assigned_while_it_is_being_deleted_stays(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = made()
    printer, path = dealer.printers[0], f"/v1/contacts/{contact['contact_id']}"
    delete = contact_repository.ContactRepository.delete_contact

    def late(kept: contact_repository.ContactRepository, seen: Contact) -> Written:
        assign = {"contact_id": contact["contact_id"]}
        worker = Thread(target=call, args=(partner(), "PUT", f"/v1/contact-assignments/{printer}", assign))
        worker.start()
        worker.join()
        return delete(kept, seen)

    monkeypatch.setattr(contact_repository.ContactRepository, "delete_contact", late)

    answer = call(partner(), "DELETE", path)

    assert (answer["statusCode"], body_of(answer)["code"]) == (409, "contact_assigned")
    assert dealer.accounts.get(keys.tenant(ROOT_ORGANIZATION), keys.contact(contact["contact_id"])) is not None


@pytest.mark.parametrize(
    ("method", "suffix"), [("PUT", ""), ("DELETE", ""), ("PUT", "/archived"), ("POST", "/duplicates")]
)
def test_what_is_out_of_sight_is_not_found_by_any_of_it(dealer: Dealer, method: str, suffix: str) -> None:
    body = {"": details(), "/duplicates": {}, "/archived": None}[suffix]
    path = f"/v1/contacts/{made()['contact_id']}{suffix}"

    assert call(foreign_partner(), method, path, body)["statusCode"] == 404
