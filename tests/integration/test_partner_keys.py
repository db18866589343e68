"""Partner keys on the deployed template: rotation, networks, and what a revoked key can still do."""

import pytest

from tests.support.deployed import Door, Tenant, World, problem_of

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

WANTED = {"name": "rotating", "roles": ["fleet_read"], "scopes": ["accounts:write"]}


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    return world.tenants[0]


def door_of(tenant: Tenant, key: str, **headers: str) -> Door:
    return tenant.door.as_(**{"x-api-key": key}, **headers)


def test_a_key_is_rotated_without_a_gap(tenant: Tenant) -> None:
    old = tenant.door.made("/v1/api-keys", WANTED)

    new = tenant.door.made(f"/v1/api-keys/{old['key_id']}/rotations", {})

    assert [door_of(tenant, key["api_key"]).ask("GET", "/v1/sites").status_code for key in (old, new)] == [200, 200]
    third = problem_of(tenant.door.ask("POST", f"/v1/api-keys/{new['key_id']}/rotations", {}))
    assert (third["status"], third["code"]) == (409, "two_keys_alive")
    assert tenant.door.ask("DELETE", f"/v1/api-keys/{old['key_id']}").status_code == 204
    assert problem_of(door_of(tenant, old["api_key"]).ask("GET", "/v1/sites"))["status"] == 401
    assert door_of(tenant, new["api_key"]).ask("GET", "/v1/sites").status_code == 200


def test_a_key_is_refused_outside_its_networks_with_the_reason(tenant: Tenant) -> None:
    here = tenant.door.made("/v1/api-keys", WANTED | {"allowed_cidrs": ["127.0.0.0/8"]})
    elsewhere = tenant.door.made("/v1/api-keys", WANTED | {"allowed_cidrs": ["203.0.113.0/24"]})

    admitted = door_of(tenant, here["api_key"]).ask("GET", "/v1/sites")
    refused = problem_of(door_of(tenant, elsewhere["api_key"]).ask("GET", "/v1/sites"))

    assert admitted.status_code == 200
    assert (refused["status"], refused["code"]) == (403, "network_not_allowed")
    assert tenant.door.got(f"/v1/api-keys/{elsewhere['key_id']}")["last_used_day"] is None
