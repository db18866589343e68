"""Requests that schemathesis makes of the OpenAPI documents: every answer is one that they describe, none a 5xx."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local.openapi import AGENT, PARTNER, Api, document
from shared.names import PARTNER_SCOPES
from tests.support.deployed import ApiAgent, Json, Tenant, World, open_tenant

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

EXAMPLES: Final = max(settings().max_examples // 6, 1)
MODES: Final = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
CHECKS: Final = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DOCUMENTS: Final = {api.title: schemathesis.openapi.from_dict(document(api)) for api in (AGENT, PARTNER)}
_END_THINGS: Final = ("delete", "put", "patch", "post")


def operations(api: Api) -> list[tuple[str, str]]:
    """Reads first, and what ends things last, so that most requests find something."""
    paths = document(api)["paths"]
    found = [(method, path) for path, methods in paths.items() for method in methods]
    return sorted(found, key=lambda each: (-_END_THINGS[::-1].index(each[0]) if each[0] != "get" else 1, each[1]))


@pytest.fixture(scope="module")
def guest(world: World) -> Tenant:
    """A tenant of its own: whatever is done to it disturbs no other test."""
    return open_tenant(world.operator, world.tenants[0].agent.door, "Contoso")


@pytest.fixture(scope="module")
def ids(guest: Tenant) -> Mapping[str, str]:
    """What stands in for made-up ids; the key is a spare one, so that the guest cannot lock itself out."""
    wanted = {"organization_id": guest.ids["root"], "name": "spare", "scopes": list(PARTNER_SCOPES)}
    return {**guest.ids, "key_id": guest.door.made("/v1/api-keys", wanted)["key_id"]}


@pytest.fixture(scope="module")
def http(world: World) -> Iterator[requests.Session]:
    """Knows nothing of the environment."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def knock(
    api: Api,
    method: str,
    path: str,
    *,
    base_url: str,
    ca_file: str,
    headers: Json,
    ids: Mapping[str, str],
    http: requests.Session,
) -> None:
    """As many requests of one operation as the profile allows, each answer held against the document."""
    operation = DOCUMENTS[api.title][path][method.upper()]
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in MODES))
    replaced = st.sampled_from([True, True, True, False])

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases, real=replaced)
    def answers_as_described(case: schemathesis.Case[Any], real: bool) -> None:
        if real:
            for part in (case.path_parameters, case.query, case.body):
                put_in(part, ids)
        case.headers.update({name: sendable(value) for name, value in case.headers.items()})
        response = case.call(base_url, session=http, headers=headers, timeout=60, verify=ca_file)
        case.validate_response(response, checks=CHECKS)

    answers_as_described()


def put_in(part: Any, ids: Mapping[str, str]) -> None:  # noqa: ANN401 - any JSON
    """Ids that exist in place of what was made up for them."""
    if isinstance(part, dict):
        part |= {name: ids[name] for name in part.keys() & ids.keys()}


def sendable(value: str) -> str:
    """A header's value without control characters: a server refuses them before any API sees them (RFC 9110, 5.5)."""
    return "".join(character for character in value if character.isprintable())


@pytest.mark.parametrize(("method", "path"), operations(PARTNER))
def test_the_partner_api_answers_as_its_document_says(
    world: World, guest: Tenant, ids: Mapping[str, str], http: requests.Session, method: str, path: str
) -> None:
    headers, ca_file = {"x-api-key": guest.door.header("x-api-key")}, str(world.stack.ca_file)
    knock(
        PARTNER,
        method,
        path,
        base_url=world.stack.api_url("Partner"),
        ca_file=ca_file,
        headers=headers,
        ids=ids,
        http=http,
    )


@pytest.mark.parametrize(("method", "path"), operations(AGENT))
def test_the_agent_api_answers_as_its_document_says(
    world: World, guest: Tenant, http: requests.Session, method: str, path: str
) -> None:
    agent: ApiAgent = guest.agent
    headers, ca_file = {"authorization": f"Bearer {agent.token()}"}, str(world.stack.ca_file)
    knock(
        AGENT, method, path, base_url=world.stack.api_url("Agent"), ca_file=ca_file, headers=headers, ids={}, http=http
    )
