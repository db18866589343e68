"""The tree of organisations: unique names among siblings, renaming by version, deletion of what is empty."""

import json
from typing import Any

import pytest

from functions.accounts.tree.models import Organization
from functions.accounts.tree.organization_repository import OrganizationRepository
from functions.accounts.tree.ports import Written
from shared.clock import utc_now
from shared.directory import keys as shared_keys
from shared.table import Table
from shared.tenancy import Caller
from tests.support.accounts import call, new_contact, new_site
from tests.support.api_events import body_of, foreign_partner, operator

TREE = "/v1/organizations"


def child_of(caller: Caller, name: str = "Customer", **more: str) -> dict[str, Any]:
    answer = call(caller, "POST", TREE, {"name": name, **more})
    assert answer["statusCode"] == 201, answer["body"]
    made: dict[str, Any] = body_of(answer)
    return made


def at(organization: dict[str, Any]) -> str:
    return f"{TREE}/{organization['organization_id']}"


def rename(caller: Caller, organization: dict[str, Any], name: str, if_match: str | None = '"1"') -> dict[str, Any]:
    headers = {"If-Match": if_match} if if_match else {}
    return call(caller, "PATCH", at(organization), {"name": name}, headers=headers)


def test_siblings_never_have_the_same_name_and_cousins_may(root: Caller) -> None:
    one, two = child_of(root, "North"), child_of(root, "South")
    child_of(root, "Legal", parent_id=one["organization_id"])
    child_of(root, "Legal", parent_id=two["organization_id"])

    for name in ("North", "NORTH", " north ", "No\uff52th"):
        answer = call(root, "POST", TREE, {"name": name})
        assert (answer["statusCode"], body_of(answer)["code"]) == (409, "name_taken")
        assert body_of(answer)["errors"][0]["pointer"] == "/name"


def test_two_partners_never_have_the_same_name(root: Caller) -> None:
    assert body_of(call(operator(), "POST", TREE, {"name": "dealer"}))["code"] == "name_taken"


@pytest.mark.parametrize("name", ["Müller & Söhne GmbH", "株式会社", "O'Brien, Inc.", "3M/Scotch (EMEA) #2", "Yahoo!"])
def test_a_name_of_any_script_is_taken(root: Caller, name: str) -> None:
    assert child_of(root, name)["name"] == name


@pytest.mark.parametrize(
    "name", ["=SUM(A1)", "+49", "@home", "a<b>", 'the "best"', "a;b", "a\\b", "a|b", "a*", "", " ", "🖨"]
)
def test_a_name_with_a_special_character_is_refused(root: Caller, name: str) -> None:
    answer = call(root, "POST", TREE, {"name": name})

    assert (answer["statusCode"], body_of(answer)["errors"][0]["pointer"]) == (422, "/name")


def test_an_organisation_is_renamed_and_its_old_name_is_free_again(root: Caller) -> None:
    child = child_of(root, "Old name")

    answer = rename(root, child, "New name")

    assert answer["statusCode"] == 200
    assert answer["multiValueHeaders"]["ETag"] == ['"2"']
    kept = call(root, "GET", at(child))
    assert (body_of(kept)["name"], kept["multiValueHeaders"]["ETag"]) == ("New name", ['"2"'])
    assert [each["name"] for each in body_of(call(root, "GET", TREE))["items"]] == ["Dealer", "New name"]
    child_of(root, "Old name")
    assert call(root, "POST", TREE, {"name": "new NAME"})["statusCode"] == 409


def test_a_partner_is_renamed_in_the_operators_list_too(root: Caller) -> None:
    made = {"organization_id": root.organization_id}

    assert rename(root, made, "Dealer Europe")["statusCode"] == 200

    assert [each["name"] for each in body_of(call(operator(), "GET", TREE))["items"]] == ["Dealer Europe"]


def test_only_the_case_of_a_name_may_change(root: Caller) -> None:
    child = child_of(root, "contoso")

    assert body_of(rename(root, child, "Contoso"))["name"] == "Contoso"


def test_a_siblings_name_is_refused_and_nothing_is_lost(root: Caller) -> None:
    child_of(root, "Taken")
    child = child_of(root, "Mine")

    answer = rename(root, child, "taken")

    assert (answer["statusCode"], body_of(answer)["code"]) == (409, "name_taken")
    assert body_of(call(root, "GET", at(child))) == child


@pytest.mark.parametrize(("if_match", "status"), [(None, 428), ('"2"', 412), ('W/"1"', 412), ("*", 200), ('"1"', 200)])
def test_a_change_names_the_version_it_is_made_to(root: Caller, if_match: str | None, status: int) -> None:
    child = child_of(root)

    assert rename(root, child, "Renamed", if_match)["statusCode"] == status


def test_of_two_changes_to_one_version_one_is_kept(tables: tuple[Table, Table], root: Caller) -> None:
    # Given a second writer that read the organisation before the first one wrote
    seen = Organization.model_validate(child_of(root))
    tree = OrganizationRepository(tables[0])
    one, other = (seen.model_copy(update={"name": name, "version": 2}) for name in ("One", "Other"))

    assert tree.rename_organization(seen, one) is Written.DONE
    assert tree.rename_organization(seen, other) is Written.CHANGED

    assert tree.organization(seen.tenant_id, seen.organization_id) == one
    assert call(root, "POST", TREE, {"name": "Other"})["statusCode"] == 201


def test_a_move_is_refused_by_name(root: Caller) -> None:
    child = child_of(root)

    answer = call(root, "PATCH", at(child), {"name": "x", "parent_id": root.organization_id}, headers={"If-Match": "*"})

    assert (answer["statusCode"], body_of(answer)["errors"][0]["pointer"]) == (422, "/parent_id")


def test_an_empty_organisation_is_deleted_and_its_name_is_free_again(root: Caller) -> None:
    child = child_of(root)

    answer = call(root, "DELETE", at(child))

    assert answer["statusCode"] == 204
    assert call(root, "GET", at(child))["statusCode"] == 404
    assert call(root, "DELETE", at(child))["statusCode"] == 404
    child_of(root)


def test_what_an_organisation_still_has_is_said(tables: tuple[Table, Table], root: Caller) -> None:
    child = child_of(root)
    own = child["organization_id"]
    child_of(root, "Below", parent_id=own)
    call(root, "POST", "/v1/sites", new_site(own))
    call(root, "POST", "/v1/contacts", new_contact(own))
    call(root, "POST", "/v1/api-keys", {"name": "k", "scopes": ["fleet:read"], "organization_id": own})
    for index, kind in ((shared_keys.printers_of_tenant, "prn"), (shared_keys.agents_of_tenant, "agt")):
        item = {"pk": kind, "sk": kind, "gsi1pk": index(root.tenant_id), "gsi1sk": f"{child['path']}#{kind}_1"}
        tables[1].put(item)

    answer = call(root, "DELETE", at(child))

    assert (answer["statusCode"], body_of(answer)["code"]) == (409, "organization_not_empty")
    assert "organisations, sites, contacts, API keys, agents, printers." in body_of(answer)["detail"]
    assert body_of(call(root, "GET", at(child))) == child


def test_revoked_keys_keep_no_organisation_alive(root: Caller) -> None:
    child = child_of(root)
    wanted = {"name": "k", "scopes": ["fleet:read"], "organization_id": child["organization_id"]}
    key = body_of(call(root, "POST", "/v1/api-keys", wanted))
    assert call(root, "DELETE", at(child))["statusCode"] == 409

    call(root, "DELETE", f"/v1/api-keys/{key['key_id']}")

    assert call(root, "DELETE", at(child))["statusCode"] == 204


def test_nothing_is_made_below_an_organisation_that_was_deleted_meanwhile(
    tables: tuple[Table, Table], root: Caller
) -> None:
    # Given a writer that saw the parent before it was deleted
    parent = Organization.model_validate(child_of(root))
    call(root, "DELETE", f"{TREE}/{parent.organization_id}")
    late = parent.model_copy(
        update={
            "organization_id": "org_01jd2x00000000000000000077",
            "parent_id": parent.organization_id,
            "path": f"{parent.path}org_01jd2x00000000000000000077/",
            "created_at": utc_now(),
        }
    )

    assert OrganizationRepository(tables[0]).add_organization(late) is Written.CHANGED


def test_another_tenants_organisation_is_neither_renamed_nor_deleted(root: Caller) -> None:
    child = child_of(root)

    for answer in (rename(foreign_partner(), child, "Mine now"), call(foreign_partner(), "DELETE", at(child))):
        assert answer["statusCode"] == 404
    assert body_of(call(root, "GET", at(child))) == child


def test_the_operator_deletes_an_empty_partner_and_never_itself(tables: tuple[Table, Table]) -> None:
    made = body_of(call(operator(), "POST", TREE, {"name": "Short-lived"}))

    assert call(operator(), "DELETE", at(made))["statusCode"] == 204

    assert body_of(call(operator(), "GET", TREE))["items"] == []
    left = tables[0].client.scan(TableName=tables[0].name)["Items"]
    assert made["organization_id"] not in json.dumps(left)
