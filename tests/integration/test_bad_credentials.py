"""Tokens, activation codes and partner keys that are not good, at the doors of the deployed template."""

from collections.abc import Callable
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from shared.names import AGENT_AUDIENCE
from tests.support.deployed import ApiAgent, Json, Tenant, World, activation_body, another_agent, problem_of
from tests.support.ingest import jwk_of, private_key

pytestmark = [pytest.mark.emulator, pytest.mark.synth]


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    return world.tenants[0]


@pytest.fixture(scope="module")
def agent(tenant: Tenant) -> ApiAgent:
    return another_agent(tenant)


def unsigned(agent: ApiAgent) -> str:
    claims = jwt.decode(agent.token(), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none", headers={"kid": jwk_of(agent.key).kid})


def signed_with_the_public_key(agent: ApiAgent) -> str:
    """The classic confusion: HMAC with what everybody may know; made by hand, for libraries refuse to."""
    public = agent.key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    claims = jwt.decode(agent.token(), options={"verify_signature": False})
    return jwt.encode(claims, public, algorithm="HS256", headers={"kid": jwk_of(agent.key).kid})


def at(seconds: int) -> int:
    return int(datetime.now(UTC).timestamp()) + seconds


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        pytest.param(lambda agent: "", "no_credential", id="none"),
        pytest.param(lambda agent: "Basic eDp5", "no_credential", id="another scheme"),
        pytest.param(lambda agent: "Bearer a.b.c", "invalid_token", id="garbage"),
        pytest.param(lambda agent: f"Bearer {'x' * 9_000}", "invalid_token", id="endless"),
        pytest.param(lambda agent: f"Bearer {unsigned(agent)}", "invalid_token", id="alg none"),
        pytest.param(lambda agent: f"Bearer {signed_with_the_public_key(agent)}", "invalid_token", id="HS256"),
        pytest.param(lambda agent: f"Bearer {agent.token()[:-8]}AAAAAAAA", "invalid_token", id="another signature"),
        pytest.param(
            lambda agent: f"Bearer {agent.token(iat=at(-4_000), exp=at(-1_000))}", "token_expired", id="expired"
        ),
        pytest.param(lambda agent: f"Bearer {agent.token(exp=at(3_700))}", "invalid_token", id="living too long"),
        pytest.param(lambda agent: f"Bearer {agent.token(exp=None)}", "invalid_token", id="living for ever"),
        pytest.param(
            lambda agent: f"Bearer {agent.token(iat=at(1_000), exp=at(1_600))}", "token_not_yet_valid", id="of tomorrow"
        ),
        pytest.param(lambda agent: f"Bearer {agent.token(aud='another')}", "invalid_token", id="for another API"),
        pytest.param(
            lambda agent: f"Bearer {agent.token(sub='agt_01jd2x00000000000000000009')}", "unknown_agent", id="unknown"
        ),
        pytest.param(
            lambda agent: f"Bearer {ApiAgent(agent.door, private_key(), agent.agent_id).token()}",
            "invalid_token",
            id="an unknown key",
        ),
    ],
)
def test_a_token_that_does_not_prove_the_agent_is_refused(
    agent: ApiAgent, authorization: Callable[[ApiAgent], str], code: str
) -> None:
    problem = problem_of(agent.door.ask("GET", "/v1/config", headers={"authorization": authorization(agent)}))

    assert (problem["status"], problem["code"]) == (401, code)


def test_an_agent_is_not_another_agent(agent: ApiAgent, tenant: Tenant) -> None:
    stolen_name = agent.token(sub=tenant.agent.agent_id)
    stolen_kid = jwt.encode(
        {"sub": tenant.agent.agent_id, "aud": AGENT_AUDIENCE, "iat": at(0), "exp": at(600)},
        agent.key,
        algorithm="ES256",
        headers={"kid": jwk_of(tenant.agent.key).kid},
    )

    for token in (stolen_name, stolen_kid):
        headers = {"authorization": f"Bearer {token}"}
        assert problem_of(agent.door.ask("GET", "/v1/config", headers=headers))["code"] == "invalid_token"
    assert agent.ask("GET", "/v1/config").status_code == 200


@pytest.fixture(scope="module")
def code(tenant: Tenant) -> str:
    """A code that stays good whatever is refused."""
    wanted = {"site_id": tenant.ids["site_id"], "discovery": {"include": []}}
    return str(tenant.door.made("/v1/activation-codes", wanted)["code"])


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"code": "HELLO"}, "/code"),
        ({"code": "0000-0000-0000-0000-0"}, "/proof"),  # well formed, but not what the proof is about
        ({"code": "x" * 41}, "/code"),
        ({"proof": "nonsense"}, "/proof"),
        ({"jwk": {"kty": "RSA"}}, "/jwk/kty"),
        ({"jwk": {"kid": "another"}}, "/jwk/kid"),
        ({"jwk": {"d": "A" * 43}}, "/jwk"),
        ({"schema_version": 2}, "/schema_version"),
    ],
)
def test_an_activation_is_refused_naming_the_field_and_leaves_the_code_good(
    agent: ApiAgent, code: str, changes: Json, pointer: str
) -> None:
    body = activation_body(private_key(), code)
    wrong = {name: body[name] | value if name == "jwk" else value for name, value in changes.items()}

    problem = problem_of(agent.door.ask("POST", "/v1/activations", body | wrong))

    assert problem["status"] == 422
    assert problem["errors"][0]["pointer"] == pointer


def test_a_code_is_good_for_one_key_only(agent: ApiAgent, tenant: Tenant, code: str) -> None:
    key = private_key()
    first = agent.door.made("/v1/activations", activation_body(key, code))

    assert agent.door.made("/v1/activations", activation_body(key, code))["agent_id"] == first["agent_id"]
    problem = problem_of(agent.door.ask("POST", "/v1/activations", activation_body(private_key(), code)))
    assert (problem["status"], problem["code"]) == (409, "activation_code_used")
    invented = activation_body(private_key(), "0000-0000-0000-0000-0")
    assert problem_of(agent.door.ask("POST", "/v1/activations", invented))["code"] == "activation_code_invalid"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda key: "", id="none"),
        pytest.param(lambda key: "plt_live_guess", id="a guess"),
        pytest.param(lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"), id="a wrong checksum"),
        pytest.param(lambda key: f"{key}x", id="one more"),
        pytest.param(lambda key: key.swapcase(), id="another case"),
    ],
)
def test_a_key_with_any_letter_wrong_is_refused(tenant: Tenant, spoil: Callable[[str], str]) -> None:
    door = tenant.door.as_(**{"x-api-key": spoil(tenant.door.header("x-api-key"))})

    assert problem_of(door.ask("GET", "/v1/organizations"))["status"] == 401


def test_a_revoked_key_is_refused_and_a_key_grants_no_more_than_it_has(tenant: Tenant) -> None:
    made = tenant.door.made("/v1/api-keys", {"name": "short-lived", "scopes": ["keys:write"]})
    door = tenant.door.as_(**{"x-api-key": made["api_key"]})

    for scope in ("fleet:read", "platform:admin"):
        wanted = {"name": "more", "scopes": [scope]}
        assert problem_of(door.ask("POST", "/v1/api-keys", wanted))["code"] == "scope_not_grantable"
    assert tenant.door.ask("DELETE", f"/v1/api-keys/{made['key_id']}").status_code == 204
    assert problem_of(door.ask("GET", "/v1/api-keys"))["status"] == 401
