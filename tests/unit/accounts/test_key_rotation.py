"""Keys that are made by role, restricted to networks, and rotated without a moment in which none works."""

from datetime import timedelta
from typing import Any

import pytest

from functions.accounts import key_authorizer
from functions.accounts.api_keys.repository import KeyRepository
from functions.accounts.api_keys.roles import SCOPES, Role
from functions.accounts.tree.models import Organization
from functions.accounts.tree.organization_repository import organization_item
from shared.clock import key_time, utc_now
from shared.names import PARTNER_SCOPES, Scope
from shared.table import Table
from shared.tenancy import Caller
from tests.support.accounts import call, keep_key_of
from tests.support.api_events import body_of, foreign_partner, function_context, operator, partner

ERP = {"name": "ERP", "scopes": ["orders:read", "fleet:read"]}
KEYS = "/v1/api-keys"


def issued(caller: Caller, **changes: object) -> dict[str, Any]:
    made: dict[str, Any] = body_of(call(caller, "POST", KEYS, ERP | changes))
    return made


def rotate(caller: Caller, key: dict[str, Any], body: object = None, **headers: str) -> dict[str, Any]:
    return call(caller, "POST", f"{KEYS}/{key['key_id']}/rotations", body or {}, headers=headers)


def verdict(key: dict[str, Any], source: str = "192.0.2.1") -> dict[str, Any]:
    event = {
        "methodArn": "arn:a:b:c:d:api/prod/GET/v1",
        "headers": {"x-api-key": key["api_key"]},
        "requestContext": {"identity": {"sourceIp": source}},
    }
    answer: dict[str, Any] = key_authorizer.lambda_handler(event, function_context())
    return answer


def effect(key: dict[str, Any], source: str = "192.0.2.1") -> str:
    return str(verdict(key, source)["policyDocument"]["Statement"][0]["Effect"])


def shown(caller: Caller, key: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = body_of(call(caller, "GET", f"{KEYS}/{key['key_id']}"))
    return answer


def test_both_keys_of_a_rotation_work_until_the_old_one_is_revoked(root: Caller) -> None:
    old = issued(root, allowed_cidrs=["192.0.2.0/24"])

    answer = rotate(root, old)

    new = body_of(answer)
    assert answer["statusCode"] == 201
    assert answer["multiValueHeaders"]["Location"] == [f"{KEYS}/{new['key_id']}"]
    inherited = ("name", "scopes", "allowed_cidrs", "organization_id", "integration_id")
    assert {name: new[name] for name in inherited} == {name: old[name] for name in inherited}
    assert new["api_key"] != old["api_key"]
    assert (new["previous_key_id"], shown(root, old)["next_key_id"]) == (old["key_id"], new["key_id"])
    assert (effect(old), effect(new)) == ("Allow", "Allow")
    call(root, "DELETE", f"{KEYS}/{old['key_id']}")
    assert effect(new) == "Allow"
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        verdict(old)


def test_at_most_two_keys_of_an_integration_are_ever_alive(root: Caller) -> None:
    first = issued(root)
    second = body_of(rotate(root, first))

    third_of_first, third_of_second = rotate(root, first), rotate(root, second)

    for refused in (third_of_first, third_of_second):
        assert (refused["statusCode"], body_of(refused)["code"]) == (409, "two_keys_alive")
    call(root, "DELETE", f"{KEYS}/{first['key_id']}")
    assert rotate(root, second)["statusCode"] == 201


def test_a_rotation_that_leaked_is_taken_back_and_done_again(root: Caller) -> None:
    first = issued(root)
    leaked = body_of(rotate(root, first))
    call(root, "DELETE", f"{KEYS}/{leaked['key_id']}")

    again = rotate(root, first)

    assert again["statusCode"] == 201
    assert shown(root, first)["next_key_id"] == body_of(again)["key_id"]
    assert body_of(rotate(root, leaked))["code"] == "key_not_live"


def test_of_two_rotations_at_once_one_succeeds(
    tables: tuple[Table, Table], root: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a second request that read the key before the first one wrote it
    first = issued(root)
    before = KeyRepository.key
    read = before(KeyRepository(tables[0]), root.tenant_id, first["key_id"])
    assert rotate(root, first)["statusCode"] == 201
    monkeypatch.setattr(
        KeyRepository,
        "key",
        lambda kept, tenant, key_id: read if key_id == first["key_id"] else before(kept, tenant, key_id),
    )

    answer = rotate(root, first)

    assert (answer["statusCode"], body_of(answer)["code"]) == (409, "key_busy")
    assert len(body_of(call(root, "GET", KEYS))["items"]) == 3


def test_a_repeated_rotation_makes_no_third_key_and_keeps_no_secret(tables: tuple[Table, Table], root: Caller) -> None:
    first = issued(root)
    headers = {"Idempotency-Key": "k1"}
    second = body_of(rotate(root, first, **headers))

    again = rotate(root, first, **headers)
    other = rotate(root, first, {"expires_at": key_time(utc_now() + timedelta(days=9))}, **headers)

    assert (again["statusCode"], body_of(again)["code"]) == (409, "key_already_issued")
    assert (other["statusCode"], body_of(other)["code"]) == (422, "idempotency_key_reused")
    client = tables[0].client
    for table in client.list_tables()["TableNames"]:
        assert second["api_key"] not in str(client.scan(TableName=table)["Items"])


def test_a_key_renews_nothing_that_it_may_not_do_itself(root: Caller) -> None:
    key = issued(root)
    narrow = partner(root.organization_id, tenant_id=root.tenant_id, scopes=(Scope.KEYS_WRITE, Scope.FLEET_READ))

    assert body_of(rotate(narrow, key))["code"] == "scope_not_grantable"
    assert rotate(foreign_partner(), key)["statusCode"] in {401, 404}


@pytest.mark.parametrize("expires_at", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_a_rotation_lives_a_year_or_as_told_within_bounds(root: Caller, expires_at: str) -> None:
    key = issued(root)

    assert rotate(root, key, {"expires_at": expires_at})["statusCode"] == 422
    assert body_of(rotate(root, key))["expires_at"][:4] == str((utc_now() + timedelta(days=365)).year)


def test_a_key_is_admitted_from_its_networks_only(root: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    key = issued(root, allowed_cidrs=["203.0.113.0/24", "2001:db8::/32"])

    assert effect(key, "203.0.113.9") == "Allow"
    assert effect(key, "2001:db8::1") == "Allow"
    assert effect(key, "198.51.100.9") == "Deny"
    assert key["api_key"] not in capsys.readouterr().out


def test_a_refused_source_is_no_use_of_the_key(root: Caller) -> None:
    key = issued(root, allowed_cidrs=["203.0.113.0/24"])

    effect(key, "198.51.100.9")

    assert shown(root, key)["last_used_day"] is None


def test_a_restricted_key_makes_none_that_is_less_restricted(tables: tuple[Table, Table], root: Caller) -> None:
    made = issued(root, scopes=["keys:write", "fleet:read"], allowed_cidrs=["203.0.113.0/24"])
    maker = partner(root.organization_id, tenant_id=root.tenant_id, scopes=tuple(made["scopes"]), key_id=made["key_id"])
    wanted = {"name": "more", "scopes": ["fleet:read"]}

    inherited = call(maker, "POST", KEYS, wanted)
    wider = call(maker, "POST", KEYS, wanted | {"allowed_cidrs": ["203.0.112.0/23"]})
    free = issued(root, scopes=["fleet:read"])

    assert body_of(inherited)["allowed_cidrs"] == ["203.0.113.0/24"]
    assert (wider["statusCode"], body_of(wider)["errors"][0]["pointer"]) == (422, "/allowed_cidrs")
    assert body_of(rotate(maker, free))["code"] == "network_not_grantable"


@pytest.mark.parametrize(("days", "forgotten"), [(6, False), (7, True), (30, True)])
def test_an_old_key_that_is_used_a_week_after_its_rotation_is_told_and_counted_once_a_day(
    root: Caller, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], days: int, forgotten: bool
) -> None:
    old = issued(root)
    new = body_of(rotate(root, old))
    later = utc_now() + timedelta(days=days)
    monkeypatch.setattr(key_authorizer, "utc_now", lambda: later)

    for key in (old, old, new):
        verdict(key)

    told = capsys.readouterr().out
    assert told.count('"RotatedKeysUsed":[1.0]') == int(forgotten)
    assert shown(root, old)["used_after_rotation"] is forgotten
    assert shown(root, new)["used_after_rotation"] is False


def test_a_key_by_role_has_the_scopes_of_the_role(root: Caller) -> None:
    made = issued(root, roles=["billing", "fleet_write"], scopes=["tickets:write"])

    wanted = SCOPES[Role.BILLING] | SCOPES[Role.FLEET_WRITE] | {Scope.TICKETS_WRITE}
    assert (made["roles"], made["scopes"]) == (["billing", "fleet_write"], sorted(wanted))


def test_only_the_operator_grants_the_operations_specialist(tables: tuple[Table, Table], root: Caller) -> None:
    keep_key_of(operator(), tables[0])
    own = operator()
    organization = Organization(
        tenant_id=own.tenant_id,
        organization_id=own.organization_id,
        path=own.organization_path,
        name="Operator",
        created_at=utc_now(),
    )
    tables[0].create(organization_item(organization))
    body = {"name": "Ops", "roles": ["operations_specialist"]}

    assert call(root, "POST", KEYS, body)["statusCode"] == 403
    assert call(operator(), "POST", KEYS, body)["statusCode"] == 201


@pytest.mark.parametrize(
    "body", [{"name": "x"}, {"name": "x", "roles": [], "scopes": []}, {"name": "x", "roles": ["boss"]}]
)
def test_a_key_without_rights_or_with_an_unknown_role_is_refused(root: Caller, body: dict[str, object]) -> None:
    assert call(root, "POST", KEYS, body)["statusCode"] == 422


def test_roles_grant_known_scopes_and_partners_never_the_operators() -> None:
    for role, scopes in SCOPES.items():
        own = set() if role is Role.OPERATIONS_SPECIALIST else {Scope.PLATFORM_ADMIN}
        assert scopes <= {*PARTNER_SCOPES, Scope.PLATFORM_ADMIN} - own
