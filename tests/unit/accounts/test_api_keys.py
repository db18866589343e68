"""The partner API of API keys, on the real repository."""

import json

import pytest

from functions.accounts import key_authorizer
from functions.accounts.api_keys import partner_keys
from functions.accounts.api_keys.models import IssuedApiKey
from functions.accounts.tree.models import Organization
from functions.accounts.tree.organization_repository import OrganizationRepository
from functions.accounts.tree.ports import Places
from shared.names import Scope
from shared.table import Table
from shared.tenancy import Caller
from shared.visibility import visible_organization
from tests.support.accounts import acting_for, call, child_of, keep_key_of
from tests.support.api_events import body_of, foreign_partner, function_context, operator, partner


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
    other = call(root, "POST", "/v1/api-keys", wanted | {"name": "Other"}, headers=headers)
    assert (other["statusCode"], body_of(other)["code"]) == (422, "idempotency_key_reused")
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


@pytest.mark.parametrize("is_rotation", [False, True])
def test_no_key_is_made_for_an_organisation_that_was_deleted_meanwhile(
    tables: tuple[Table, Table], root: Caller, monkeypatch: pytest.MonkeyPatch, *, is_rotation: bool
) -> None:
    # Given an organisation that is deleted after the maker has seen it, and before the key is kept
    child = child_of(root)
    wanted = {"name": "ERP", "scopes": ["orders:read"], "organization_id": child["organization_id"]}
    first = body_of(call(root, "POST", "/v1/api-keys", wanted))

    def look_just_before(places: Places, caller: Caller, organization_id: str) -> Organization:
        seen = visible_organization(places, caller, organization_id)
        OrganizationRepository(tables[0]).delete_organization(Organization.model_validate(child))
        return seen

    monkeypatch.setattr(partner_keys, "visible_organization", look_just_before)
    path, body = ("/v1/api-keys", wanted) if not is_rotation else (f"/v1/api-keys/{first['key_id']}/rotations", {})

    answer = call(root, "POST", path, body, headers={"Idempotency-Key": "k1"})

    assert (answer["statusCode"], body_of(answer)["code"]) == (404, "not_found")
    kept = [key for key in body_of(call(root, "GET", "/v1/api-keys"))["items"] if key["name"] == "ERP"]
    assert kept == [{name: value for name, value in first.items() if name != "api_key"}]


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
