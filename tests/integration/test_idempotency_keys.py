"""Each operation that takes an Idempotency-Key: done once, answered alike, and for one body only."""

from typing import Final
from uuid import uuid4

import pytest

from tests.support.deployed import Door, Json, Tenant, World, problem_of
from tests.support.published import OPERATIONS, PARTNER_API, body_schema
from tests.support.published_bodies import body_of, somebody

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

HEADER: Final = "Idempotency-Key"
SHOWN_ONCE: Final = {
    "/v1/activation-codes": "activation_code_already_issued",
    "/v1/agents/{agent_id}/activation-codes": "activation_code_already_issued",
    "/v1/api-keys": "key_already_issued",
    "/v1/api-keys/{key_id}/rotations": "key_already_issued",
    "/v1/webhooks": "webhook_already_made",
    "/v1/webhooks/{webhook_id}/secrets": "secret_already_issued",
}
"""Operations whose answer shows a secret that nobody keeps, and what a repetition is told."""


def takes_key(method: str, path: str) -> bool:
    return any(each["name"] == HEADER for each in PARTNER_API["paths"][path][method].get("parameters", []))


KEYED: Final = [path for method, path in OPERATIONS if takes_key(method, path) and body_schema(method, path)]
MADE_AT_ONCE: Final = [path for path in KEYED if "{" not in path]


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    mine = world.tenants[0]
    mine.ids["terms_version"] = mine.door.got("/v1/terms")["version"]
    return mine


def post(door: Door, path: str, body: Json, key: str) -> tuple[int, Json]:
    """Status and body of an answer."""
    answer = door.ask("POST", path, body, headers={HEADER: key})
    return answer.status_code, answer.json()


def wanted(tenant: Tenant, path: str) -> Json:
    """A body that makes something new whatever other tests have made."""
    if path == "/v1/contacts":
        return somebody(tenant.ids["organization_id"])
    printer = {"printer_id": tenant.ids["other_printer_id"]} if path == "/v1/meters/breaks" else {}
    return body_of("post", path, tenant.ids | printer) or {}


def prepared(tenant: Tenant, path: str) -> str:
    """The path, with things of its own where it names some, that nothing else is tested with."""
    makers: dict[str, tuple[str, Json, str]] = {
        "{key_id}": ("/v1/api-keys", {"name": "To rotate", "scopes": ["fleet:read"]}, "key_id"),
        "{webhook_id}": ("/v1/webhooks", {"url": "https://hooks.example.com"}, "webhook_id"),
        "{agent_id}": (
            "/v1/activation-codes",
            {"site_id": tenant.ids["site_id"], "discovery": {"include": []}},
            "for_agent_id",
        ),
    }
    for place, (kind, body, name) in makers.items():
        if place in path:
            owner = {} if "site_id" in body else {"organization_id": tenant.ids["root"]}
            path = path.replace(place, str(tenant.door.made(kind, body | owner)[name]))
    return path


@pytest.mark.parametrize("path", sorted({*MADE_AT_ONCE, *SHOWN_ONCE}))
def test_a_repetition_makes_nothing_new_and_another_body_is_refused(world: World, tenant: Tenant, path: str) -> None:
    """Same body: the same answer, or a refusal that says that it was made; another body: 422, before it is read."""
    body, key, at = wanted(tenant, path), uuid4().hex, prepared(tenant, path)
    door = world.operator if path == "/v1/programme-models" else tenant.door

    first, again = post(door, at, body, key), post(door, at, body, key)
    status, other = post(door, at, body | {"another": "body"}, key)

    assert first[0] in {200, 201, 202}, first
    if path in SHOWN_ONCE:
        assert (again[0], again[1]["code"]) == (409, SHOWN_ONCE[path])
    else:
        assert again == first
    assert (status, other["code"]) == (422, "idempotency_key_reused")
    assert other["errors"][0]["pointer"] == "header:Idempotency-Key"


@pytest.mark.parametrize("path", KEYED)
def test_a_key_that_is_too_long_is_refused_by_name_everywhere(tenant: Tenant, path: str) -> None:
    at = "/".join(each if "{" not in each else tenant.ids[each.strip("{}")] for each in path.split("/"))

    problem = problem_of(tenant.door.ask("POST", at, body_of("post", path, tenant.ids), headers={HEADER: "k" * 256}))

    assert (problem["status"], problem["errors"][0]["pointer"]) == (400, "header:Idempotency-Key")
