"""Every operation of the published API with ids of another tenant: the answer is that of an id nobody has."""

import json
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.support.deployed import Door, Tenant, World, problem_of
from tests.support.published import OPERATIONS, PARTNER_API, body_schema
from tests.support.published_bodies import body_of

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

KIND: Final = {
    "corrects": "read_id",
    "parent_id": "organization_id",
    "printer_ids": "printer_id",
    "to_contact_id": "contact_id",
    "delivery_contact_id": "contact_id",
    "to_agent_id": "other_agent_id",
    "after_delivery_id": "delivery_id",
}
"""Where a position has another name than the id it takes."""
FILTERS: Final = {
    ("get", "/v1/agents", "site_id"),
    ("get", "/v1/printers", "site_id"),
    ("get", "/v1/printers", "agent_id"),
    ("get", "/v1/printer-exports", "site_id"),
    ("get", "/v1/printer-exports", "agent_id"),
    ("get", "/v1/service-calls", "printer_id"),
}
"""Positions that only narrow a list of what the caller sees: nothing is left of it."""
TOLD_ONE_BY_ONE: Final = {
    ("post", "/v1/contact-assignments", "printer_ids"),
    ("post", "/v1/assigned-contacts", "printer_ids"),
    ("post", "/v1/printer-tag-changes", "printer_ids"),
}
TOLD_LATER: Final = {("post", "/v1/agents/{agent_id}/transfers", "printer_ids")}
"""Positions whose refusals are read elsewhere; the answer has an id and a time of its own."""


@dataclass(frozen=True, slots=True)
class Position:
    """One place of one operation where an id goes."""

    method: str
    path: str
    place: str
    name: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.method, self.path, self.name

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.place}:{self.name}"


def positions() -> list[Position]:
    found = []
    for method, path in OPERATIONS:
        parameters = PARTNER_API["paths"][path][method].get("parameters", [])
        found += [
            Position(method, path, each["in"], each["name"])
            for each in parameters
            if each["in"] == "path" or (each["in"] == "query" and each["name"].endswith("_id"))
        ]
        for name, schema in body_schema(method, path).get("properties", {}).items():
            if "^[a-z]{2,4}_" in json.dumps(schema):
                found.append(Position(method, path, "body", name))
    return found


POSITIONS: Final = positions()


def ask(door: Door, position: Position, own: dict[str, str], value: str) -> tuple[int, str, str]:
    """Status, content type and text of an answer, where ``value`` goes to the position and all else is the caller's."""
    method, path, name = position.method, position.path, position.name
    body, url = body_of(method, path, own), path
    for each in PARTNER_API["paths"][path][method].get("parameters", []):
        if each["in"] == "path":
            url = url.replace("{" + each["name"] + "}", value if each["name"] == name else own[each["name"]])
    query = {
        each["name"]: own[each["name"]]
        for each in PARTNER_API["paths"][path][method].get("parameters", [])
        if each["in"] == "query" and each.get("required")
    }
    if position.place == "query":
        query[name] = value
    if position.place == "body" and body is not None:
        body[name] = [value] if name.endswith("_ids") else value
    response = door.ask(method.upper(), url, body, params=query)
    text = response.text
    if position.key in TOLD_ONE_BY_ONE and response.is_success:
        text = json.dumps({"items": response.json()["items"]})
    if position.key in TOLD_LATER and response.is_success:
        text = json.dumps({name: response.json()[name] for name in ("state", "moved", "refused")})
    return response.status_code, response.headers["content-type"], text.replace(value, "<the id>")


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    mine = world.tenants[0]
    mine.ids["terms_version"] = mine.door.got("/v1/terms")["version"]
    return mine


@pytest.fixture(scope="module")
def foreign(world: World) -> dict[str, str]:
    return world.tenants[1].ids


def nobodys(an_id: str) -> str:
    """An id of the same kind and age that nothing has."""
    return an_id[:-6] + "000000"


def kept_of(other: Tenant) -> dict[str, Any]:
    """All that a tenant sees of itself, one object of each kind."""
    seen = {}
    for method, path in OPERATIONS:
        if method == "get" and "{" in path:
            seen[path] = other.door.got(path.format(**other.ids))
    del seen["/v1/api-keys/{key_id}"]["last_used_day"], seen["/v1/printers/{printer_id}"]["communication_age_seconds"]
    return seen


@pytest.mark.parametrize("position", POSITIONS, ids=str)
def test_an_id_of_another_tenant_is_answered_as_one_that_nobody_has(
    tenant: Tenant, foreign: dict[str, str], position: Position
) -> None:
    theirs = foreign[KIND.get(position.name, position.name)]

    named = ask(tenant.door, position, tenant.ids, theirs)
    missing = ask(tenant.door, position, tenant.ids, nobodys(theirs))

    assert named == missing
    if position.key in FILTERS and named[1].startswith("text/csv"):
        assert (named[0], named[2].count("\n")) == (200, 1)
    elif position.key in FILTERS:
        assert (named[0], json.loads(named[2])["items"]) == (200, [])
    elif position.key in TOLD_LATER:
        assert (named[0], json.loads(named[2])) == (202, {"state": "failed", "moved": 0, "refused": 1})
    elif position.key in TOLD_ONE_BY_ONE:
        assert named[0] in {200, 201}
        assert json.loads(named[2])["items"][0]["code"] == "not_found"
    else:
        assert (named[0], json.loads(named[2])["code"]) == (404, "not_found")


@pytest.mark.parametrize("position", [each for each in POSITIONS if each.method == "get"], ids=str)
def test_the_same_question_about_the_callers_own_is_answered(tenant: Tenant, position: Position) -> None:
    kind = "root" if position.name == "organization_id" else position.name

    status, _, text = ask(tenant.door, position, tenant.ids, tenant.ids[kind])

    assert status == 200, text


def test_writes_that_name_another_tenants_things_change_nothing_of_theirs(world: World, tenant: Tenant) -> None:
    other = world.tenants[1]
    before = kept_of(other)

    for position in POSITIONS:
        if position.method != "get":
            ask(tenant.door, position, tenant.ids, other.ids[KIND.get(position.name, position.name)])

    assert kept_of(other) == before
    assert len(before) >= 10


@pytest.mark.parametrize("path", [path for method, path in OPERATIONS if method == "get" and "{" not in path])
def test_no_list_holds_an_id_of_another_tenant(tenant: Tenant, foreign: dict[str, str], path: str) -> None:
    parameters = PARTNER_API["paths"][path]["get"].get("parameters", [])
    query = {each["name"]: tenant.ids[each["name"]] for each in parameters if each.get("required")}

    text = tenant.door.ask("GET", path, params=query).text

    assert not [name for name, an_id in foreign.items() if name != "terms_version" and an_id in text]


@pytest.fixture(scope="module")
def sibling(tenant: Tenant) -> Door:
    """Another customer of the same partner, whose key may do all that a partner's may."""
    customer = tenant.door.made("/v1/organizations", {"name": "Sibling", "parent_id": tenant.ids["root"]})
    scopes = tenant.door.got(f"/v1/api-keys/{tenant.ids['key_id']}")["scopes"]
    wanted = {"organization_id": customer["organization_id"], "name": "all", "scopes": scopes}
    return tenant.door.as_(**{"x-api-key": tenant.door.made("/v1/api-keys", wanted)["api_key"]})


@pytest.mark.parametrize("position", [each for each in POSITIONS if each.place == "path"], ids=str)
def test_a_customer_sees_nothing_of_its_sibling_or_its_partner(
    tenant: Tenant, sibling: Door, position: Position
) -> None:
    theirs = tenant.ids[position.name]

    named = ask(sibling, position, tenant.ids, theirs)

    assert named == ask(sibling, position, tenant.ids, nobodys(theirs))
    assert named[0] == 404


@pytest.fixture(scope="module")
def narrow(tenant: Tenant) -> dict[str, Door]:
    """Keys with one scope each."""
    keys = {
        scope: tenant.door.made("/v1/api-keys", {"name": scope, "scopes": [scope]})["api_key"]
        for scope in ("fulfilment:write", "fleet:read")
    }
    return {scope: tenant.door.as_(**{"x-api-key": key}) for scope, key in keys.items()}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_asks_for_a_key_and_for_its_scope(
    world: World, tenant: Tenant, narrow: dict[str, Door], method: str, path: str
) -> None:
    parameters = PARTNER_API["paths"][path][method].get("parameters", [])
    url = path
    for each in parameters:
        url = url.replace("{" + each["name"] + "}", tenant.ids.get(each["name"], ""))
    query = {e["name"]: tenant.ids[e["name"]] for e in parameters if e["in"] == "query" and e.get("required")}
    body = body_of(method, path, tenant.ids)
    unfit = narrow["fleet:read" if path == "/v1/fulfilment-events" else "fulfilment:write"]
    for_agents = {"x-api-key": tenant.agent.token(), "authorization": f"Bearer {tenant.agent.token()}"}

    without_scope = problem_of(unfit.ask(method.upper(), url, body, params=query))
    without_key = problem_of(world.partner_api.ask(method.upper(), url, body, params=query))
    as_agent = problem_of(world.partner_api.ask(method.upper(), url, body, params=query, headers=for_agents))

    assert (without_scope["status"], without_scope["code"]) == (403, "scope_missing")
    assert (without_key["status"], as_agent["status"]) == (401, 401)


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/config"), ("POST", "/v1/uploads")])
def test_a_partners_key_opens_nothing_of_the_agents(world: World, tenant: Tenant, method: str, path: str) -> None:
    key = tenant.door.header("x-api-key")
    headers = {"x-api-key": key, "authorization": f"Bearer {key}"}

    assert problem_of(world.agent_api.ask(method, path, headers=headers))["status"] == 401
