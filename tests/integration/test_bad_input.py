"""Hostile and clumsy requests to the partner API as deployed: each gets a 4xx problem that names field and fix."""

import json
import re
from typing import Final

import pytest

from tests.support.deployed import ApiAgent, Json, Tenant, World, another_agent, fresh, problem_of
from tests.support.deployed_bodies import contact_body, site_body
from tests.support.published import OPERATIONS, PARTNER_API

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

NESTED: Final = b"[" * 20_000 + b"]" * 20_000


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    return world.tenants[0]


@pytest.fixture(scope="module")
def agent(tenant: Tenant) -> ApiAgent:
    return another_agent(tenant)


WITH_BODY: Final = [
    (method, path)
    for method, path in OPERATIONS
    if "application/json" in PARTNER_API["paths"][path][method].get("requestBody", {}).get("content", {})
]


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
def test_every_operation_refuses_a_body_that_it_cannot_read(
    world: World, tenant: Tenant, method: str, path: str
) -> None:
    door = world.operator if "programme-models" in path else tenant.door
    url = path
    for name, value in tenant.ids.items():
        url = url.replace("{" + name + "}", value)

    def code_of(content: bytes, content_type: str = "application/json") -> str:
        headers = {"content-type": content_type}
        return str(problem_of(door.ask(method.upper(), url, content=content, headers=headers))["code"])

    assert {code_of(content) for content in (b'{"a":', NESTED, b"\xff")} == {"not_json"}
    assert {code_of(content) for content in (b"", b"[]", b"null", b'{"nobody":1}')} == {"invalid_request"}
    assert code_of(b'{"name":"' + b"x" * 1_000_000 + b'"}') == "invalid_request"
    assert code_of(b"<name/>", "application/xml") == "unsupported_media_type"


ONE_OF_A_KIND: Final = {
    "/v1/settings",
    "/v1/terms",
    "/v1/contact-import-template",
    "/v1/counters",
    "/v1/meters/as-of",
    "/v1/meters/gaps",
    "/v1/reporting-coverage",
}
LISTS: Final = [
    path for method, path in OPERATIONS if method == "get" and "{" not in path and path not in ONE_OF_A_KIND
]


def list_query(tenant: Tenant, path: str) -> dict[str, str]:
    needs = [each["name"] for each in PARTNER_API["paths"][path]["get"].get("parameters", []) if each.get("required")]
    return {name: tenant.ids[name] for name in needs}


@pytest.mark.parametrize("path", LISTS)
def test_every_list_refuses_a_limit_or_a_cursor_that_it_did_not_give(tenant: Tenant, path: str) -> None:
    query = list_query(tenant, path)

    parameters = {each["name"]: each["schema"] for each in PARTNER_API["paths"][path]["get"]["parameters"]}
    for limit in ("0", str(parameters["limit"]["maximum"] + 1), "-1", "abc", "1e2", ""):
        problem = problem_of(tenant.door.ask("GET", path, params=query | {"limit": limit}))
        assert [error["pointer"] for error in problem["errors"]] == ["query:limit"]
    for cursor in ("abc", "bnVsbA", "W10", "eyJwayI6MX0", "%00", "ü", "x" * 1_025):
        problem = problem_of(tenant.door.ask("GET", path, params=query | {"cursor": cursor}))
        assert [error["pointer"] for error in problem["errors"]] == ["query:cursor"]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_refuses_a_parameter_that_it_does_not_have(tenant: Tenant, method: str, path: str) -> None:
    """A misspelt filter would list everything. A body that does not fit may be told first."""
    filled = re.sub(r"\{[^}]+\}", "none", path)

    problem = problem_of(tenant.door.ask(method.upper(), filled, {}, params={"comunication": "lost"}))

    known = problem["code"] == "unknown_parameter"
    assert known or problem["status"] in {400, 403, 404, 422}, problem
    if known:
        assert [error["pointer"] for error in problem["errors"]] == ["query:comunication"]
    if method == "get" and "{" not in path:
        needed = list_query(tenant, path)
        told = problem_of(tenant.door.ask("GET", path, params=needed | {"comunication": "lost"}))
        assert (told["code"], told["status"]) == ("unknown_parameter", 422)


SAME_LISTS: Final = (
    {"/v1/contacts", "/v1/contact-exports"},
    {"/v1/printers", "/v1/printer-exports", "/v1/meters/usages", "/v1/meters/exports"},
)
"""Lists of the same things in the same order, as JSON and as files."""


def test_no_list_takes_the_cursor_of_another(tenant: Tenant, agent: ApiAgent) -> None:
    agent.send(fresh("cursors-1", "CURSORS-1"), fresh("cursors-2", "CURSORS-2"), seq=5_000)
    with_json = [path for path in LISTS if not path.endswith("exports")]
    pages = {path: tenant.door.got(path, **list_query(tenant, path), limit="1") for path in with_json}
    cursors = {path: page["next_cursor"] for path, page in pages.items() if page["next_cursor"]}

    taken = [
        (path, origin)
        for path in LISTS
        for origin, cursor in cursors.items()
        if origin != path
        and not any({path, origin} <= same for same in SAME_LISTS)
        and problem_of(tenant.door.ask("GET", path, params=list_query(tenant, path) | {"cursor": cursor}))["code"]
        != "invalid_cursor"
    ]

    assert taken == []
    assert len(cursors) >= 3


WITH_ID: Final = [path for method, path in OPERATIONS if method == "get" and path.endswith("}")]


@pytest.mark.parametrize("path", WITH_ID)
def test_no_id_of_any_form_is_more_than_not_found(tenant: Tenant, path: str) -> None:
    before, _, _ = path.partition("{")

    for odd in ("x", "*", "x" * 400, "..%2Fterms", "%00", "%C3%BC", "TENANT%23x", "prn_" + "0" * 26):
        assert problem_of(tenant.door.ask("GET", before + odd))["status"] in {404, 422}


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/sites", site_body("x"), "/organization_id"),
        ("/v1/sites", site_body("org_" + "0" * 26) | {"time_zone": "Mars/Base"}, "/time_zone"),
        ("/v1/sites", site_body("org_" + "0" * 26) | {"time_zone": "localtime"}, "/time_zone"),
        ("/v1/contacts", contact_body("org_" + "0" * 26) | {"email": "nobody"}, "/email"),
        ("/v1/contacts", contact_body("org_" + "0" * 26) | {"phone": "call me"}, "/phone"),
        ("/v1/contacts", contact_body("org_" + "0" * 26) | {"first_name": "x" * 129}, "/first_name"),
        ("/v1/api-keys", {"name": "x", "scopes": ["everything"]}, "/scopes"),
        ("/v1/api-keys", {"name": "x", "scopes": ["fleet:read"], "expires_at": "2001-01-01T00:00:00Z"}, "/expires_at"),
        ("/v1/organizations", {"name": "   "}, "/name"),
        ("/v1/organizations", {"name": "Acme\u202egnp"}, "/name"),
        ("/v1/contacts", contact_body("org_" + "0" * 26) | {"company": "Acme\u0007"}, "/company"),
        ("/v1/sites", site_body("org_" + "0" * 26) | {"name": "Head\noffice"}, "/name"),
        ("/v1/api-keys", {"name": "x", "scopes": ["fleet:read"], "allowed_cidrs": ["10.0.0.1/8"]}, "/allowed_cidrs/0"),
    ],
)
def test_a_field_at_fault_is_named(tenant: Tenant, path: str, body: Json, pointer: str) -> None:
    problem = problem_of(tenant.door.ask("POST", path, body))

    assert (problem["status"], [error["pointer"] for error in problem["errors"]]) == (422, [pointer])


@pytest.mark.parametrize(
    "url",
    [
        "http://shipper.example.com",
        "https://127.0.0.1.",
        "https://10.0.0.1",
        "https://[::1]",
        "https://169.254.169.254",
        "https://127.1",
        "https://0x7f000001",
        "https://user@shipper.example.com",
        "https://[",
        "gopher://shipper.example.com",
    ],
)
def test_a_fulfilment_partner_is_never_inside_our_network(tenant: Tenant, url: str) -> None:
    body = {"organization_id": tenant.ids["root"], "name": "Inside", "url": url}

    problem = problem_of(tenant.door.ask("POST", "/v1/fulfilment-partners", body))

    assert [error["pointer"] for error in problem["errors"]] == ["/url"]


@pytest.mark.parametrize("slash", ["", "/", "//"])
def test_a_secret_is_shown_once_and_kept_nowhere(world: World, tenant: Tenant, slash: str) -> None:
    headers = {"idempotency-key": f"secret{slash}"}
    wanted: dict[str, Json] = {
        "/v1/api-keys": {"name": "secret", "scopes": ["fleet:read"]},
        "/v1/activation-codes": {"site_id": tenant.ids["site_id"], "discovery": {"include": []}},
    }

    shown = [tenant.door.ask("POST", path + slash, body, headers=headers) for path, body in wanted.items()]
    again = [tenant.door.ask("POST", path + slash, body, headers=headers) for path, body in wanted.items()]

    tables = world.stack.client("dynamodb")
    kept = json.dumps(tables.scan(TableName=world.stack.outputs["IdempotencyTableName"])["Items"], default=str)
    assert [response.status_code for response in shown] == [201, 201]
    assert [problem_of(response)["status"] for response in again] == [409, 409]
    assert shown[0].json()["api_key"] not in kept
    assert shown[1].json()["code"] not in kept


def test_an_unknown_model_is_named_as_what_keeps_a_printer_out(tenant: Tenant, agent: ApiAgent) -> None:
    receipt = agent.send(fresh("unknown-model", "UNKNOWN-1", model="Frobnicator 9", manufacturer="Acme"), seq=6_000)
    printer = receipt["outcomes"][0]["printer_id"]
    body = {"organization_id": tenant.ids["organization_id"], "printer_ids": [printer]}

    verdict = tenant.door.made("/v1/eligibility-evaluations", body)["printers"][0]
    version = tenant.door.got("/v1/terms")["version"]
    refused = tenant.door.made("/v1/enrolments", body | {"terms_version": version})["printers"][0]

    assert (verdict["status"], verdict["blockers"]) == ("model_unsupported", ["no_contact"])
    assert (refused["outcome"], refused["status"]) == ("refused", "model_unsupported")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v1/nothing"),
        ("DELETE", "/v1/organizations"),
        ("GET", "/v1//organizations"),
        ("PATCH", "/v1/fulfilment-events"),
        ("GET", "/V1/organizations"),
    ],
)
def test_a_path_or_method_that_is_none_of_ours_is_a_problem_too(tenant: Tenant, method: str, path: str) -> None:
    assert problem_of(tenant.door.ask(method, path))["code"] == "no_such_route"


def test_after_all_of_it_what_was_stored_is_there(tenant: Tenant) -> None:
    printer = tenant.door.got(f"/v1/printers/{tenant.ids['printer_id']}")

    assert (printer["serial_number"], printer["life_count"]) == (f"{tenant.name}-1", 1_000)
    assert tenant.door.got(f"/v1/orders/{tenant.ids['order_id']}")["printer_id"] == printer["printer_id"]
    assert tenant.door.got(f"/v1/service-calls/{tenant.ids['call_id']}")["printer_id"] == printer["printer_id"]
