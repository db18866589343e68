"""The synthesized application in the local stack: it is whole, and both its doors are shut."""

import http.client
import json
import ssl
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from local.stack import LocalStack
from tests.support.local_processes import eventually, processes_of

pytestmark = [pytest.mark.emulator, pytest.mark.synth]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    work_dir = tmp_path_factory.mktemp("deployed")
    with LocalStack(work_dir) as local_stack:
        yield local_stack
    assert eventually(lambda: not processes_of(work_dir))


@pytest.fixture(scope="module")
def key(stack: LocalStack) -> str:
    operator = stack.invoke("BootstrapFunctionName", {"organization_name": "Local operator"})
    return str(operator["api_key"])


def call(
    stack: LocalStack,
    api: Literal["Agent", "Partner"],
    path: str,
    *,
    headers: dict[str, str] | None = None,
    body: dict[str, Any] | None = None,
) -> tuple[int, str, dict[str, Any]]:
    """Return status, content type and body; a POST when there is a body to send."""
    host, base = stack.api_url(api).removeprefix("https://").split("/", 1)
    context = ssl.create_default_context(cafile=str(stack.ca_file))
    connection = http.client.HTTPSConnection(host, timeout=60, context=context)
    text = None if body is None else json.dumps(body)
    method = "GET" if text is None else "POST"
    connection.request(method, f"/{base}{path}", text, {"content-type": "application/json", **(headers or {})})
    response = connection.getresponse()
    answer = response.status, response.headers["content-type"] or "", json.loads(response.read())
    connection.close()
    return answer


def test_every_resource_of_the_template_is_there(stack: LocalStack) -> None:
    cloudformation = stack.client("cloudformation")
    (deployed,) = cloudformation.describe_stacks()["Stacks"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=deployed["StackName"])
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]

    assert len(resources) > 100
    assert {resource["ResourceStatus"] for resource in resources} == {"CREATE_COMPLETE"}


def test_the_first_key_creates_an_organization_once(stack: LocalStack, key: str) -> None:
    headers = {"x-api-key": key, "idempotency-key": "example-1"}

    first = call(stack, "Partner", "/v1/organizations", headers=headers, body={"name": "Example Ltd"})
    again = call(stack, "Partner", "/v1/organizations", headers=headers, body={"name": "Example Ltd"})
    status, _, listed = call(stack, "Partner", "/v1/organizations", headers={"x-api-key": key})

    assert first[0] == 201
    assert again[2]["organization_id"] == first[2]["organization_id"]
    assert (status, [item["name"] for item in listed["items"]].count("Example Ltd")) == (200, 1)


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "plt_live_madeup", "authorization": "Bearer made.up.token"}])
@pytest.mark.parametrize(("api", "path"), [("Partner", "/v1/organizations"), ("Agent", "/v1/config")])
def test_a_missing_or_made_up_credential_gets_a_401_problem(
    stack: LocalStack, api: Literal["Agent", "Partner"], path: str, headers: dict[str, str]
) -> None:
    status, content_type, problem = call(stack, api, path, headers=headers)

    assert (status, content_type) == (401, "application/problem+json")
    assert (problem["status"], bool(problem["detail"])) == (401, True)
