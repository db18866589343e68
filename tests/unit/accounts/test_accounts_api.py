"""The partner API of organisations, sites, contacts and API keys, on the real repository."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.accounts import accounts_api, key_authorizer
from functions.accounts.key_models import IssuedApiKey
from shared.names import Scope
from shared.table import Table
from shared.tenancy import Caller
from tests.support.accounts import accounts_tables, call, keep_key_of, new_contact, new_site
from tests.support.api_events import body_of, foreign_partner, function_context, operator, partner, rest_event


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Table, Table]]:
    with accounts_tables(monkeypatch) as both:
        yield both


@pytest.fixture
def root(tables: tuple[Table, Table]) -> Caller:
    """A partner that the operator made, and the key that it calls with."""
    made = body_of(call(operator(), "POST", "/v1/organizations", {"name": "Dealer"}))
    caller = partner(made["organization_id"], tenant_id=made["organization_id"])
    keep_key_of(caller, tables[0])
    return caller


def child_of(caller: Caller, name: str = "Customer", parent_id: str | None = None) -> dict[str, Any]:
    body = {"name": name} | ({"parent_id": parent_id} if parent_id else {})
    made: dict[str, Any] = body_of(call(caller, "POST", "/v1/organizations", body))
    return made


def acting_for(organization: dict[str, Any]) -> Caller:
    return partner(
        organization["organization_id"],
        tenant_id=organization["tenant_id"],
        organization_path=organization["path"],
        key_id="key_01jd2x00000000000000000002",
    )


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


@pytest.mark.parametrize("path", ["/v1/api-keys", "/v1/api-keys/", "/v1/api-keys\n"])
def test_an_issued_key_works_until_it_is_revoked_and_its_secret_is_kept_nowhere(
    tables: tuple[Table, Table], root: Caller, path: str
) -> None:
    wanted = {"name": "ERP", "scopes": ["orders:read", "fleet:read"]}
    made = body_of(call(root, "POST", path, wanted, headers={"Idempotency-Key": "k1"}))
    event = {"methodArn": "arn:a:b:c:d:api/prod/GET/v1", "headers": {"x-api-key": made["api_key"]}}

    admitted = key_authorizer.lambda_handler(event, function_context())
    listed = call(root, "GET", "/v1/api-keys")
    shown = call(root, "GET", f"/v1/api-keys/{made['key_id']}")
    revoked = call(root, "DELETE", f"/v1/api-keys/{made['key_id']}")

    assert admitted["context"]["scopes"] == "fleet:read orders:read"
    assert made["api_key"] not in listed["body"] + shown["body"]
    assert body_of(shown) in body_of(listed)["items"]
    assert revoked["statusCode"] == 204
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        key_authorizer.lambda_handler(event, function_context())
    client = tables[0].client
    for table in client.list_tables()["TableNames"]:
        assert made["api_key"] not in json.dumps(client.scan(TableName=table)["Items"], default=str)
    assert made["api_key"] not in repr(IssuedApiKey.model_validate(made))


def test_a_repeated_request_for_a_key_is_refused_and_makes_no_second_key(root: Caller) -> None:
    wanted, headers = {"name": "ERP", "scopes": ["orders:read"]}, {"Idempotency-Key": "k1"}
    call(root, "POST", "/v1/api-keys", wanted, headers=headers)

    again = call(root, "POST", "/v1/api-keys", wanted, headers=headers)

    assert again["statusCode"] == 409
    assert body_of(again)["code"] == "key_already_issued"
    assert [key["name"] for key in body_of(call(root, "GET", "/v1/api-keys"))["items"]].count("ERP") == 1


def test_a_key_never_grants_what_its_maker_lacks(root: Caller) -> None:
    maker = partner(root.organization_id, tenant_id=root.tenant_id, scopes=(Scope.KEYS_WRITE, Scope.FLEET_READ))

    answer = call(maker, "POST", "/v1/api-keys", {"name": "More", "scopes": ["fleet:read", "orders:write"]})

    assert answer["statusCode"] == 403
    assert "orders:write" in body_of(answer)["detail"]


def test_the_operator_makes_a_partners_key_but_never_another_operator(
    tables: tuple[Table, Table], root: Caller
) -> None:
    keep_key_of(operator(), tables[0])
    body = {"organization_id": root.organization_id, "name": "First", "scopes": ["accounts:write"]}

    made = call(operator(), "POST", "/v1/api-keys", body)
    admin = call(operator(), "POST", "/v1/api-keys", body | {"scopes": ["platform:admin"]})

    assert made["statusCode"] == 201
    assert body_of(made)["tenant_id"] == root.tenant_id
    assert admin["statusCode"] == 403


def test_a_partner_cannot_revoke_a_key_above_or_beside_it(root: Caller) -> None:
    made = body_of(call(root, "POST", "/v1/api-keys", {"name": "Root's", "scopes": ["orders:read"]}))
    child = acting_for(child_of(root))

    assert call(child, "GET", f"/v1/api-keys/{made['key_id']}")["statusCode"] == 404
    assert call(child, "DELETE", f"/v1/api-keys/{made['key_id']}")["statusCode"] == 404
    assert call(foreign_partner(), "DELETE", f"/v1/api-keys/{made['key_id']}")["statusCode"] == 404


@pytest.mark.parametrize("expires_at", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "2027-01-01T00:00:00"])
def test_a_key_that_is_expired_endless_or_naive_is_refused(root: Caller, expires_at: str) -> None:
    body = {"name": "ERP", "scopes": ["orders:read"], "expires_at": expires_at}

    assert call(root, "POST", "/v1/api-keys", body)["statusCode"] == 422


def test_a_revoked_key_makes_no_key_while_its_admission_is_still_cached(root: Caller) -> None:
    # Given a key that API Gateway goes on admitting for some minutes after it was revoked
    wanted = {"name": "Leaked", "scopes": ["keys:write", "orders:read"]}
    made = body_of(call(root, "POST", "/v1/api-keys", wanted))
    leaked = partner(
        root.organization_id, tenant_id=root.tenant_id, scopes=tuple(wanted["scopes"]), key_id=made["key_id"]
    )
    before = call(leaked, "POST", "/v1/api-keys", {"name": "One", "scopes": ["orders:read"]})
    call(root, "DELETE", f"/v1/api-keys/{made['key_id']}")

    after = call(leaked, "POST", "/v1/api-keys", {"name": "Two", "scopes": ["orders:read"]})

    assert before["statusCode"] == 201
    assert (after["statusCode"], body_of(after)["code"]) == (401, "key_not_live")
    assert "Two" not in call(root, "GET", "/v1/api-keys")["body"]


@pytest.mark.parametrize(
    ("path", "body"),
    [("organizations", {"name": "Dealer"}), ("api-keys", {"name": "ERP", "scopes": ["orders:read"]})],
)
def test_what_the_table_did_not_take_is_not_answered_as_made(
    tables: tuple[Table, Table], root: Caller, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, object]
) -> None:
    # Given a transaction that DynamoDB cancels for a reason that is none of ours
    keep_key_of(operator(), tables[0])
    monkeypatch.setattr(Table, "transact", lambda *_: ["TransactionConflict", "None"])
    caller = root if path == "api-keys" else operator()

    answer = call(caller, "POST", f"/v1/{path}", body, headers={"Idempotency-Key": "k1"})

    assert answer["statusCode"] == 503
