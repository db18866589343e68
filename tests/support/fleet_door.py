"""The fleet's entry points on moto: requests as API Gateway sends them, answers as agents and partners see them."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.ingest import activation_api, agent_authorizer, fleet_api, settings, upload_api
from shared.clock import utc_now
from shared.directory import keys as directory
from shared.names import DUE_INDEX, GSI1, PAGES_INDEX
from shared.table import Table
from shared.tenancy import AgentCaller
from shared.wire.activation import ActivationGrant
from shared.wire.upload import UploadReceipt
from tests.support.api_events import (
    CHILD_ORGANIZATION,
    ROOT_ORGANIZATION,
    SITE,
    agent_caller,
    body_of,
    function_context,
    http_event,
    partner,
    rest_event,
)
from tests.support.ingest import activation, jwk_of, packed, private_key, reading, upload_body
from tests.support.tables import make_idempotency_table, make_table

CONTEXT = function_context()
KEY = private_key()
PATH = f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/"
OTHER_CHILD = "org_01jd2x00000000000000000003"
CACHED = (
    settings.documents,
    settings.accounts,
    settings.fleet,
    settings.eligibility,
    upload_api._zones,
    upload_api._contacts,
)


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Table]]:
    """Empty tables, an organisation and a site."""
    with mock_aws():
        client = boto3.client("dynamodb")
        made = {name: make_table(client, name) for name in ("accounts", "eligibility")}
        made["fleet"] = make_table(client, "fleet", (GSI1, DUE_INDEX, PAGES_INDEX))
        make_idempotency_table(client)
        for name in (*made, "idempotency"):
            monkeypatch.setenv(f"{name.upper()}_TABLE", name)
        for cached in (*CACHED, agent_authorizer._agents):
            cached.cache_clear()
        tenancy = {"tenant_id": ROOT_ORGANIZATION, "organization_id": CHILD_ORGANIZATION}
        pk = directory.tenant(ROOT_ORGANIZATION)
        accounts = made["accounts"]
        for organization_id, path in ((ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/"), (CHILD_ORGANIZATION, PATH)):
            organization = {"organization_id": organization_id, "path": path, "name": "One"}
            accounts.put({"pk": pk, "sk": directory.organization(organization_id), **tenancy, **organization})
        site = {"site_id": SITE, "organization_path": PATH, "name": "Office", "time_zone": "Europe/Berlin"}
        address = {"address1": "1 Way", "city": "Berlin", "postal_code": "10115", "country": "DE"}
        accounts.put({"pk": pk, "sk": directory.site(SITE), **tenancy, **site, "address": address})
        yield made


def fleet(method: str, path: str, body: object = None, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as rest_event
    options.setdefault("caller", partner())
    options.setdefault("headers", {"If-Match": "*"} if method == "PATCH" else {})
    return dict(fleet_api.lambda_handler(rest_event(method, path, body, **options), CONTEXT))


def issue_code(**changes: object) -> dict[str, Any]:
    body = {"site_id": SITE, "discovery": {"include": ["192.0.2.0/24"]}, "poll_interval_seconds": 60} | changes
    answer = fleet("POST", "/v1/activation-codes", body)
    assert answer["statusCode"] == 201, answer["body"]
    return dict(body_of(answer))


def activated() -> ActivationGrant:
    request = activation(KEY, issue_code()["code"], now=utc_now())
    event = http_event("POST", "/v1/activations", request.model_dump(mode="json", exclude_none=True))
    answer = activation_api.lambda_handler(event, CONTEXT)
    assert answer["statusCode"] == 200, answer["body"]
    return ActivationGrant.model_validate_json(answer["body"])


def caller_of(grant: ActivationGrant) -> AgentCaller:
    return agent_caller(grant.agent_id, kid=jwk_of(KEY).kid)


def send(grant: ActivationGrant, body: object, **headers: str) -> dict[str, Any]:
    given = headers or {"content-encoding": "gzip"}
    content = body if isinstance(body, bytes) else packed(body)
    event = http_event("POST", "/v1/uploads", content, caller=caller_of(grant), headers=given)
    return dict(upload_api.lambda_handler(event, CONTEXT))


def sent_reading(grant: ActivationGrant, **fields: Any) -> str:  # noqa: ANN401 - as `reading`
    answer = send(grant, upload_body(reading(taken_at=utc_now(), **fields), sent_at=utc_now()))
    assert answer["statusCode"] == 200, answer["body"]
    printer_id = UploadReceipt.model_validate_json(answer["body"]).outcomes[0].printer_id
    assert printer_id is not None
    return printer_id


def problem(answer: dict[str, Any], status: int) -> dict[str, Any]:
    assert answer["statusCode"] == status, answer["body"]
    kind = answer.get("headers", {}).get("Content-Type") or answer["multiValueHeaders"]["Content-Type"][0]
    assert kind == "application/problem+json"
    return dict(body_of(answer))
