"""Each number and each yes-or-no of a body is one: a text that could be read as it, or the other kind, is refused."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any, Final

import pytest

from tests.support.deployed import Json, Tenant, World, problem_of
from tests.support.published import OPERATIONS, PARTNER_API, body_schema
from tests.support.published_bodies import body_of

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

Place = tuple[str | int, ...]
WRONG: Final[dict[str, list[object]]] = {"integer": [True, "5"], "number": [True, "5"], "boolean": [1, "yes"]}
SCHEMAS: Final = PARTNER_API["components"]["schemas"]


def places(schema: Json, at: Place = ()) -> Iterator[tuple[Place, str]]:
    """Where a body has numbers and booleans, in its first row where there are rows."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        schema = SCHEMAS[name]
    if schema.get("type") in WRONG:
        yield at, schema["type"]
    for each in schema.get("anyOf", []):
        yield from places(each, at)
    for field, each in schema.get("properties", {}).items():
        yield from places(each, (*at, field))
    if schema.get("type") == "array":
        yield from places(schema["items"], (*at, 0))


WRITTEN: Final = [
    pytest.param(method, path, place, value, id=f"{method} {path} {'/'.join(map(str, place))} {value!r}")
    for method, path in OPERATIONS
    for place, kind in places(body_schema(method, path))
    for value in WRONG[kind]
]


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    mine = world.tenants[0]
    mine.ids["terms_version"] = mine.door.got("/v1/terms")["version"]
    return mine


def with_value(body: Json, place: Place, value: object) -> Json:
    """The body with that value at that place; rows and objects on the way are made where there are none."""
    changed: Any = deepcopy(body)
    at = changed
    for part, following in pairwise(place):
        empty: Any = [{}] if following == 0 else {}
        if isinstance(at, dict):
            at[part] = at.get(part) or empty
        at = at[part]
    at[place[-1]] = value
    result: Json = changed
    return result


@pytest.mark.parametrize(("method", "path", "place", "value"), WRITTEN)
def test_a_value_of_another_kind_is_refused_by_its_field(
    world: World, tenant: Tenant, method: str, path: str, place: Place, value: object
) -> None:
    door = world.operator if path == "/v1/programme-models" else tenant.door
    body = with_value(body_of(method, path, tenant.ids) or {}, place, value)
    url = "/".join(each if "{" not in each else tenant.ids[each.strip("{}")] for each in path.split("/"))

    problem = problem_of(door.ask(method.upper(), url, body, headers={"If-Match": '"0"'}))

    assert problem["status"] == 422
    assert "/" + "/".join(map(str, place)) in [error["pointer"] for error in problem["errors"]]
