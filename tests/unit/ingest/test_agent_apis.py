"""The agent API on moto: activation, uploads, configuration, and who is let in."""

import pytest

from functions.ingest import activation_api, agent_authorizer, upload_api
from shared.clock import utc_now
from shared.table import Table
from shared.wire.upload import UploadReceipt
from tests.support.api_events import (
    SITE,
    body_of,
    http_event,
)
from tests.support.fleet_door import CONTEXT, activated, caller_of, fleet, issue_code, problem, send, tables
from tests.support.ingest import activation, packed, private_key, reading, token, upload_body

__all__ = ["tables"]  # the fixture
pytestmark = pytest.mark.usefixtures("tables")


def test_activation_upload_and_configuration_end_to_end() -> None:
    grant = activated()

    answer = send(grant, upload_body(reading(taken_at=utc_now()), sent_at=utc_now()))
    receipt = UploadReceipt.model_validate_json(answer["body"])
    event = http_event("GET", "/v1/config", caller=caller_of(grant))
    config = upload_api.lambda_handler(event, CONTEXT)

    assert receipt.config_etag == grant.config_etag
    assert config["headers"]["ETag"] == grant.config_etag
    assert body_of(config) == grant.config.model_dump(mode="json")


def test_an_unchanged_configuration_is_not_sent_again_and_a_changed_one_is() -> None:
    grant = activated()
    event = http_event("GET", "/v1/config", caller=caller_of(grant), headers={"if-none-match": grant.config_etag})
    unchanged = upload_api.lambda_handler(event, CONTEXT)
    assert (unchanged["statusCode"], unchanged.get("body") or "") == (304, "")

    fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"poll_interval_seconds": 30})

    changed = upload_api.lambda_handler(event, CONTEXT)
    assert changed["statusCode"] == 200
    assert body_of(changed)["poll_interval_seconds"] == 30
    assert body_of(changed)["discovery"]["include"] == ["192.0.2.0/24"]


@pytest.mark.parametrize(
    "headers",
    [
        {"content-encoding": "gzip"},
        {"content-type": "application/gzip"},
        {"content-type": "Application/GZIP; charset=binary"},
    ],
)
def test_a_packed_upload_says_so_by_content_type_or_encoding(headers: dict[str, str]) -> None:
    answer = send(activated(), upload_body(reading(taken_at=utc_now())), **headers)

    assert body_of(answer)["outcomes"][0]["outcome"] == "stored"


@pytest.mark.parametrize(
    ("content", "encoding", "status", "code"),
    [
        (b"not gzip", "gzip", 400, "damaged_gzip"),
        (packed("x" * 2_000_000), "gzip", 413, "upload_too_large"),
        (b"{", "identity", 400, "not_json"),
        (packed({"schema_version": 7}), "gzip", 422, "unknown_schema_version"),
        (packed({"boot_id": "b"}), "gzip", 422, "invalid_upload"),
    ],
)
def test_a_bad_upload_is_a_problem_and_stores_nothing(
    tables: dict[str, Table], content: bytes, encoding: str, status: int, code: str
) -> None:
    grant = activated()
    before = tables["fleet"].client.scan(TableName="fleet")["Count"]

    answer = send(grant, content, **{"content-encoding": encoding})

    assert problem(answer, status)["code"] == code
    assert tables["fleet"].client.scan(TableName="fleet")["Count"] == before


@pytest.mark.parametrize("refusal", [None, "invalid_token", "token_expired", "unknown_agent"])
def test_an_upload_without_a_good_token_is_refused_before_its_body_is_read(refusal: str | None) -> None:
    event = http_event("POST", "/v1/uploads", b"not gzip", refusal=refusal, headers={"content-encoding": "gzip"})

    assert problem(upload_api.lambda_handler(event, CONTEXT), 401)["code"] == (refusal or "no_credential")


def test_a_deactivated_agent_is_refused_at_once_even_with_a_cached_authorization() -> None:
    grant = activated()

    changed = fleet("PATCH", f"/v1/agents/{grant.agent_id}", {"status": "deactivated"})

    assert body_of(changed)["status"] == "deactivated"
    refused = send(grant, upload_body(reading(taken_at=utc_now())))
    assert problem(refused, 403)["code"] == "agent_not_active"


def test_the_authorizer_answers_the_agent_of_a_real_row() -> None:
    key = private_key()
    request = activation(key, issue_code()["code"], now=utc_now())
    answer = activation_api.lambda_handler(
        http_event("POST", "/v1/activations", request.model_dump(mode="json", exclude_none=True)), CONTEXT
    )
    agent_id = body_of(answer)["agent_id"]
    seconds = int(utc_now().timestamp())
    bearer = token(key, agent_id, iat=seconds, exp=seconds + 3_600)
    event = {"version": "2.0", "headers": {"Authorization": f"Bearer {bearer}"}}

    verdict = agent_authorizer.lambda_handler(event, CONTEXT)

    assert verdict["isAuthorized"] is True
    assert (verdict["context"]["agent_id"], verdict["context"]["site_id"]) == (agent_id, SITE)


def test_activating_too_often_from_one_address_is_slowed_down() -> None:
    event = http_event("POST", "/v1/activations", activation(private_key(), "nonsense").model_dump(mode="json"))

    answers = [activation_api.lambda_handler(event, CONTEXT)["statusCode"] for _ in range(21)]

    assert answers[0] == 422
    assert 429 in answers[20:] or 429 not in answers[:20]  # the minute may turn once
