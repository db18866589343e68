import asyncio
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from edge.cloud.activation import (
    ActivationError,
    AgentIdentity,
    NotActivatedError,
    StoredConfig,
    activate,
    checked_code,
    load_identity,
)
from edge.cloud.http import CloudClient, CloudUnreachableError
from edge.cloud.keys import ServerClock, identity_key
from shared.wire.activation import PROOF_AUDIENCE, ActivationRequest
from shared.wire.codes import ALPHABET, check_symbol, code_digest, format_code
from tests.support.edge_sending import NOON, SERVER, a_problem, a_settings

BODY = ALPHABET[:16]
CODE = BODY + check_symbol(BODY)


def a_grant() -> dict[str, Any]:
    return {
        "agent_id": "agt_1",
        "organization_id": "org_1",
        "site_id": "site_1",
        "audience": "platen-agents",
        "activated_at": NOON.isoformat(),
        "config": {"discovery": {"include": ["192.0.2.0/28"]}, "poll_interval_seconds": 60},
        "config_etag": "v1",
    }


class Activations:
    """An activation service with a script."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[ActivationRequest] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/activations"
        self.asked.append(ActivationRequest.model_validate_json(request.content))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def run(folder: Path, service: Activations) -> AgentIdentity:
    async def ask() -> AgentIdentity:
        clock = ServerClock()
        async with CloudClient(a_settings(folder), clock, httpx.MockTransport(service)) as client:
            return await activate(CODE, client=client, clock=clock, server=SERVER, state_dir=folder)

    return asyncio.run(ask())


def proof_claims(request: ActivationRequest) -> dict[str, Any]:
    key = jwt.PyJWK.from_dict({**request.jwk.model_dump(), "alg": "ES256"})
    claims: dict[str, Any] = jwt.decode(
        request.proof, key, algorithms=["ES256"], audience=PROOF_AUDIENCE, options={"verify_iat": False}
    )
    return claims


def test_an_activated_agent_has_an_identity_a_key_and_a_configuration(tmp_path: Path) -> None:
    service = Activations(httpx.Response(201, json=a_grant()))

    identity = run(tmp_path, service)

    assert load_identity(tmp_path) == identity
    assert (identity.agent_id, identity.site_id, identity.server) == ("agt_1", "site_1", SERVER)
    assert identity_key(tmp_path, identity.kid).kid == service.asked[0].jwk.kid
    stored = StoredConfig.load(tmp_path)
    assert stored is not None
    assert (stored.etag, stored.config.poll_interval_seconds) == ("v1", 60)
    assert stat.S_IMODE((tmp_path / "identity.json").stat().st_mode) == 0o600


def test_the_proof_shows_that_the_keys_owner_knows_the_code(tmp_path: Path) -> None:
    service = Activations(httpx.Response(201, json=a_grant()))

    run(tmp_path, service)

    (request,) = service.asked
    claims = proof_claims(request)
    assert claims["code_sha256"] == code_digest(CODE)
    assert 0 < claims["exp"] - claims["iat"] <= 600
    assert jwt.get_unverified_header(request.proof)["kid"] == request.jwk.kid


def test_an_answer_lost_on_the_way_is_asked_for_again_with_the_same_key(tmp_path: Path) -> None:
    service = Activations(httpx.ReadError("cut"), httpx.Response(201, json=a_grant()))

    with pytest.raises(CloudUnreachableError):
        run(tmp_path, service)
    run(tmp_path, service)

    assert service.asked[0].jwk == service.asked[1].jwk


def test_a_new_activation_uses_a_new_key(tmp_path: Path) -> None:
    service = Activations(httpx.Response(201, json=a_grant()), httpx.Response(201, json=a_grant()))

    run(tmp_path, service)
    run(tmp_path, service)

    assert service.asked[0].jwk != service.asked[1].jwk


def test_a_refusal_is_told_in_the_servers_words_and_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ActivationError, match=r"Code used: because \(HTTP 409\)"):
        run(tmp_path, Activations(a_problem(409, title="Code used")))

    with pytest.raises(NotActivatedError, match="run 'platen-agent activate --code CODE' first"):
        load_identity(tmp_path)


@pytest.mark.parametrize(
    "answer", [httpx.Response(404, text="<html>"), httpx.Response(200, text="<html>"), httpx.Response(200, json={})]
)
def test_something_that_is_no_activation_service_is_recognised(tmp_path: Path, answer: httpx.Response) -> None:
    with pytest.raises(ActivationError, match="check 'server'"):
        run(tmp_path, Activations(answer))


def test_a_wrong_clock_gets_one_more_try_with_the_servers_time(tmp_path: Path) -> None:
    date = (datetime.now(UTC) + timedelta(days=3)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    service = Activations(a_problem(400, headers={"date": date}), httpx.Response(201, json=a_grant()))

    run(tmp_path, service)

    first, second = (proof_claims(request)["iat"] for request in service.asked)
    assert second - first == pytest.approx(3 * 86_400, abs=5)


@pytest.mark.parametrize("typed", ["", "ABC", CODE[:-1], BODY + ("0" if CODE[-1] != "0" else "1")])
def test_a_typing_error_is_found_before_any_request(typed: str) -> None:
    with pytest.raises(ActivationError, match="check it for typing errors"):
        checked_code(typed)


def test_a_code_may_be_typed_in_groups_and_lower_case() -> None:
    assert checked_code(format_code(CODE).lower()) == CODE


def test_a_damaged_identity_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "identity.json").write_text(json.dumps({"agent_id": "agt_1"}))

    with pytest.raises(NotActivatedError, match="cannot be read"):
        load_identity(tmp_path)


def test_a_site_that_hides_host_names_does_not_tell_this_computers_either(tmp_path: Path) -> None:
    service = Activations(httpx.Response(201, json=a_grant()))

    async def ask() -> None:
        clock = ServerClock()
        async with CloudClient(a_settings(tmp_path), clock, httpx.MockTransport(service)) as client:
            await activate(CODE, client=client, clock=clock, server=SERVER, state_dir=tmp_path, tells_host_name=False)

    asyncio.run(ask())

    assert service.asked[0].host_name is None
