"""A dealer's developer makes a client from `docs/openapi/partner.json` and does a day's work with it."""

import inspect
import re
import sys
from collections.abc import Iterator

import pytest

from shared.names import CSV_MEDIA_TYPES, PARTNER_SCOPES
from tests.support.deployed import ApiAgent, Tenant, World, eventually, fresh
from tests.support.deployed_bodies import contact_body, site_body
from tests.support.generated_client import PACKAGE, GeneratedClient, generate
from tests.support.published import OPERATIONS, PARTNER_API

pytestmark = [pytest.mark.emulator, pytest.mark.synth]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The package on the path, and what its generator said of the document."""
    folder = tmp_path_factory.mktemp("client")
    remarks = generate(folder)
    sys.path.insert(0, str(folder))
    yield remarks
    sys.path.remove(str(folder))
    for name in [each for each in sys.modules if each.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def operator(world: World, said: str) -> GeneratedClient:
    return client_of(world, world.operator.header("x-api-key"))


def client_of(world: World, api_key: str) -> GeneratedClient:
    return GeneratedClient.to(world.stack.api_url("Partner"), str(world.stack.ca_file), api_key)


def snake(operation_id: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", operation_id.lower())


def test_the_generator_understands_all_but_bodies_of_csv(said: str) -> None:
    not_made = re.findall(r"WARNING parsing (\S+ \S+) ", said)
    unsupported = re.findall(r"Unsupported content type (\S+)", said)

    assert not_made == ["POST /v1/contact-imports"]
    assert set(unsupported) <= set(CSV_MEDIA_TYPES)
    assert "Unable to" not in said


def test_every_read_of_what_a_partner_has_is_answered_as_its_model(world: World, said: str) -> None:
    tenant = world.tenants[0]
    client = client_of(world, tenant.door.header("x-api-key"))
    read = 0

    for method, path in OPERATIONS:
        described = PARTNER_API["paths"][path][method]
        answers_json = "application/json" in described["responses"].get("200", {}).get("content", {})
        if method != "get" or not answers_json:
            continue
        tag, name = snake(described["tags"][0]), snake(described["operationId"])
        parameters = inspect.signature(client.operation(tag, name).sync_detailed).parameters.values()
        needed = [each.name for each in parameters if each.default is inspect.Parameter.empty and each.name != "client"]
        if not tenant.ids.keys() >= set(needed):
            continue
        answer = client.answer(tag, name, **{each: tenant.ids[each] for each in needed})

        assert answer.status_code == 200, f"{path}: {answer.content!r}"
        assert answer.parsed is not None, path
        assert type(answer.parsed).__name__ != "Problem", path
        read += 1

    assert read >= 25


def test_a_dealer_brings_a_customer_in_with_it(world: World, operator: GeneratedClient) -> None:
    dealer = operator.call("organisations", "create_organization", body={"name": "Adatum"}).organization_id
    wanted = {"organization_id": dealer, "name": "our system", "scopes": list(PARTNER_SCOPES)}
    client = client_of(world, operator.call("api_keys", "create_api_key", body=wanted).api_key)

    customer = client.call(
        "organisations", "create_organization", body={"name": "Adatum customer", "parent_id": dealer}
    ).organization_id
    site = client.call("sites", "create_site", body=site_body(customer)).site_id
    contact = client.call("contacts", "create_contact", body=contact_body(customer)).contact_id
    code = client.call(
        "agents", "create_activation_code", body={"site_id": site, "discovery": {"include": ["192.0.2.0/24"]}}
    ).code
    agent = ApiAgent.activated(world.tenants[0].agent.door, code)
    sent = fresh("adatum-1", "ADATUM-1")
    printer_id = agent.send(sent, seq=1)["outcomes"][0]["printer_id"]

    listed = client.call("printers", "list_printers", organization_id=customer).items
    details = client.call("printers", "get_printer", printer_id)
    assert [each.printer_id for each in listed] == [printer_id]
    assert (details.serial_number, details.agent_id) == ("ADATUM-1", agent.agent_id)
    assert {row.name: row.value for row in details.counters} == {row.name: row.value for row in sent.counters or []}

    client.call("contacts", "put_assignment", printer_id, body={"contact_id": contact})
    operator.call("programme", "create_entitlement", body={"organization_id": dealer})
    client.call("programme", "create_entitlement", body={"organization_id": customer})
    version = client.call("programme", "get_terms").version
    accepted = {"organization_id": customer, "terms_version": version}
    client.call("programme", "create_acceptance", body=accepted)
    enrolment = client.call("eligibility", "create_enrolment", body={**accepted, "printer_ids": [printer_id]})

    def completed() -> bool:
        return bool(client.call("eligibility", "get_enrolment", enrolment.enrolment_id).state == "completed")

    eventually(completed, "the enrolment")
    assert client.call("contacts", "get_assignment", printer_id).contact_id == contact


def test_what_is_refused_arrives_as_a_problem(world: World, said: str) -> None:
    one, other = world.tenants
    client = client_of(world, one.door.header("x-api-key"))

    missing = client.answer("printers", "get_printer", other.ids["printer_id"])
    empty = client.answer("organisations", "create_organization", body={"name": " ", "parent_id": one.ids["root"]})

    assert (missing.status_code, missing.parsed.code) == (404, "not_found")
    assert (empty.status_code, empty.parsed.errors[0].pointer) == (422, "/name")


def test_a_repeated_request_is_answered_once(world: World, said: str) -> None:
    tenant: Tenant = world.tenants[0]
    client = client_of(world, tenant.door.header("x-api-key"))
    body = {"name": "Asked twice", "parent_id": tenant.ids["root"]}

    first, again = (
        client.answer("organisations", "create_organization", body=body, idempotency_key="generated-1") for _ in "12"
    )
    other = client.answer(
        "organisations", "create_organization", body={**body, "name": "Another"}, idempotency_key="generated-1"
    )

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert other.status_code == 422
