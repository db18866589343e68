"""The partner API of organisations, sites and contacts, on the real repository."""

import pytest

from functions.accounts import accounts_api
from shared.names import Scope
from shared.table import Table
from shared.tenancy import Caller
from tests.support.accounts import acting_for, call, child_of, new_contact, new_site
from tests.support.api_events import body_of, foreign_partner, function_context, operator, partner, rest_event


def test_the_operator_makes_a_partner_that_is_its_own_tenant(tables: tuple[Table, Table]) -> None:
    answer = call(operator(), "POST", "/v1/organizations", {"name": "Dealer"})

    made = body_of(answer)
    assert answer["statusCode"] == 201
    assert answer["multiValueHeaders"]["Location"] == [f"/v1/organizations/{made['organization_id']}"]
    assert made["tenant_id"] == made["organization_id"]
    assert made["path"] == f"/{made['organization_id']}/"
    assert body_of(call(operator(), "GET", "/v1/organizations"))["items"] == [made]


def test_a_partner_makes_organisations_anywhere_below_its_own(root: Caller) -> None:
    child = child_of(root)

    grandchild = child_of(root, parent_id=child["organization_id"])

    assert grandchild["path"] == f"{child['path']}{grandchild['organization_id']}/"
    seen = body_of(call(root, "GET", "/v1/organizations"))["items"]
    assert [one["organization_id"] for one in seen] == [
        root.organization_id,
        child["organization_id"],
        grandchild["organization_id"],
    ]


def test_organisations_nest_twelve_deep_and_no_deeper(root: Caller) -> None:
    parent = root.organization_id
    for _ in range(11):
        parent = child_of(root, parent_id=parent)["organization_id"]

    answer = call(root, "POST", "/v1/organizations", {"name": "Too deep", "parent_id": parent})

    assert answer["statusCode"] == 422
    assert body_of(answer)["code"] == "too_deep"


def test_a_child_sees_itself_and_neither_its_sibling_nor_its_parent(root: Caller) -> None:
    mine, sibling = child_of(root, "Mine"), child_of(root, "Sibling")
    caller = acting_for(mine)

    assert body_of(call(caller, "GET", "/v1/organizations"))["items"] == [mine]
    for hidden in (sibling["organization_id"], root.organization_id):
        assert call(caller, "GET", f"/v1/organizations/{hidden}")["statusCode"] == 404


def test_another_tenants_things_are_answered_exactly_as_missing_ones(root: Caller) -> None:
    site = body_of(call(root, "POST", "/v1/sites", new_site(root.organization_id)))
    contact = body_of(call(root, "POST", "/v1/contacts", new_contact(root.organization_id)))
    things = [
        ("organizations", root.organization_id),
        ("sites", site["site_id"]),
        ("contacts", contact["contact_id"]),
    ]

    for path, thing_id in things:
        foreign = call(foreign_partner(), "GET", f"/v1/{path}/{thing_id}")
        missing_id = thing_id[:-1] + ("0" if thing_id[-1] != "0" else "1")
        missing = call(root, "GET", f"/v1/{path}/{missing_id}")

        assert foreign["statusCode"] == 404
        assert foreign["body"].replace(thing_id, missing_id) == missing["body"]


def test_a_missing_scope_is_forbidden_by_name(root: Caller) -> None:
    reader = partner(root.organization_id, tenant_id=root.tenant_id, scopes=(Scope.ACCOUNTS_READ,))

    answer = call(reader, "POST", "/v1/sites", new_site(root.organization_id))

    assert answer["statusCode"] == 403
    assert "accounts:write" in body_of(answer)["detail"]


def test_no_authorizer_means_no_answer(tables: tuple[Table, Table]) -> None:
    answer = accounts_api.lambda_handler(rest_event("GET", "/v1/sites"), function_context())

    assert answer["statusCode"] == 401


def test_a_site_keeps_its_hours_zone_and_holidays(root: Caller) -> None:
    hours = [{"weekday": 1, "opens": "08:00", "closes": "24:00"}]
    body = new_site(root.organization_id, opening_hours=hours, holiday_subdivision="BE")

    made = body_of(call(root, "POST", "/v1/sites", body))

    kept = body_of(call(root, "GET", f"/v1/sites/{made['site_id']}"))
    assert kept == made
    assert kept["opening_hours"] == hours
    assert kept["time_zone"] == "Europe/Berlin"
    assert body_of(call(root, "GET", "/v1/sites"))["items"] == [kept]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"time_zone": "Europe/Atlantis"}, "/time_zone"),
        ({"time_zone": "../../etc/passwd"}, "/time_zone"),
        ({"time_zone": ""}, "/time_zone"),
        ({"address": {"address1": "x", "city": "y", "postal_code": "1", "country": "XX"}}, "/address/country"),
        ({"opening_hours": [{"weekday": 8, "opens": "08:00", "closes": "17:00"}]}, "/opening_hours/0/weekday"),
        ({"opening_hours": [{"weekday": 1, "opens": "22:00", "closes": "06:00"}]}, "/opening_hours/0"),
        ({"colour": "blue"}, "/colour"),
    ],
)
def test_a_wrong_field_of_a_site_is_named(root: Caller, change: dict[str, object], pointer: str) -> None:
    answer = call(root, "POST", "/v1/sites", new_site(root.organization_id, **change))

    assert answer["statusCode"] == 422
    assert [error["pointer"] for error in body_of(answer)["errors"]] == [pointer]


def test_overlapping_opening_hours_are_refused(root: Caller) -> None:
    hours = [{"weekday": 2, "opens": "08:00", "closes": "12:00"}, {"weekday": 2, "opens": "11:00", "closes": "17:00"}]

    answer = call(root, "POST", "/v1/sites", new_site(root.organization_id, opening_hours=hours))

    assert answer["statusCode"] == 422
    assert "overlap" in answer["body"]


@pytest.mark.parametrize(
    "change",
    [
        {"email": None},
        {"email": "nobody"},
        {"phone": "123 45"},
        {"phone": "+49 30 1234567", "phone_country_code": "49"},
        {"phone": "1234567", "phone_country_code": "+1"},
        {"phone": "123456789012345", "phone_country_code": "49"},
        {"first_name": ""},
    ],
)
def test_a_contact_nobody_can_reach_is_refused(root: Caller, change: dict[str, object]) -> None:
    body = {name: value for name, value in new_contact(root.organization_id, **change).items() if value is not None}

    assert call(root, "POST", "/v1/contacts", body)["statusCode"] == 422


def test_a_phone_number_is_kept_as_digits(root: Caller) -> None:
    body = new_contact(root.organization_id, phone="(030) 123-45.67", phone_country_code="49")

    assert body_of(call(root, "POST", "/v1/contacts", body))["phone"] == "0301234567"


def test_lists_page_with_an_opaque_cursor(root: Caller) -> None:
    for number in range(3):
        call(root, "POST", "/v1/contacts", new_contact(root.organization_id, last_name=f"Number {number}"))

    first = body_of(call(root, "GET", "/v1/contacts", query={"limit": "2"}))
    second = body_of(call(root, "GET", "/v1/contacts", query={"limit": "2", "cursor": first["next_cursor"]}))

    assert len(first["items"]) == 2
    assert [one["last_name"] for one in first["items"] + second["items"]] == ["Number 0", "Number 1", "Number 2"]
    assert second["next_cursor"] is None
    stolen = call(foreign_partner(), "GET", "/v1/contacts", query={"cursor": first["next_cursor"]})
    assert stolen["statusCode"] in (400, 404)


def test_a_repeated_post_under_one_idempotency_key_makes_one_site(root: Caller) -> None:
    headers = {"Idempotency-Key": "6f1c"}
    first = call(root, "POST", "/v1/sites", new_site(root.organization_id), headers=headers)

    again = call(root, "POST", "/v1/sites", new_site(root.organization_id), headers=headers)

    assert again["body"] == first["body"]
    assert len(body_of(call(root, "GET", "/v1/sites"))["items"]) == 1
