"""Bearer tokens: who is let in, and with which reason the others are not."""

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.agent_authorizer import Agents, judge
from functions.ingest.credentials.tokens import MAX_TOKEN_LENGTH, TokenRefused, public_key, verify_bearer
from shared.table import Item
from tests.support.api_events import AGENT, CHILD_ORGANIZATION, ROOT_ORGANIZATION, SITE
from tests.support.ingest import NOW, jwk_of, private_key, token

KEY = private_key()
SECONDS = int(NOW.timestamp())


def row(status: str = "active") -> Item:
    return {
        "agent_id": AGENT,
        "tenant_id": ROOT_ORGANIZATION,
        "organization_id": CHILD_ORGANIZATION,
        "organization_path": f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/",
        "site_id": SITE,
        "status": status,
        "keys": [{"jwk": jwk_of(KEY).model_dump()}],
    }


def agents(status: str = "active") -> Agents:
    return Agents(lambda agent_id, consistent: row(status) if agent_id == AGENT else None)


def judged(credential: str, status: str = "active") -> dict[str, str]:
    return judge({"authorization": credential}, agents(status), NOW)


def test_a_good_token_yields_the_agent_of_the_row() -> None:
    assert judged(f"Bearer {token(KEY)}") == {
        "agent_id": AGENT,
        "tenant_id": ROOT_ORGANIZATION,
        "organization_id": CHILD_ORGANIZATION,
        "organization_path": f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/",
        "site_id": SITE,
        "kid": jwk_of(KEY).kid,
        "generation": "0",
        "generation_nonce": "",
    }


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"aud": "another-api"}, "invalid_token"),
        ({"aud": None}, "invalid_token"),
        ({"iat": None}, "invalid_token"),
        ({"exp": None}, "invalid_token"),
        ({"exp": SECONDS + 3_601}, "invalid_token"),
        ({"exp": "tomorrow"}, "invalid_token"),
        ({"iat": SECONDS - 3_600, "exp": SECONDS - 301}, "token_expired"),
        ({"iat": SECONDS + 301, "exp": SECONDS + 600}, "token_not_yet_valid"),
        ({"sub": "agt_01jd2x00000000000000000007"}, "unknown_agent"),
        ({"sub": "../agent"}, "unknown_agent"),
        ({"sub": None}, "invalid_token"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(changes: dict[str, Any], refusal: str) -> None:
    assert judged(f"Bearer {token(KEY, **changes)}") == {"refusal": refusal}


def test_clocks_may_differ_by_five_minutes() -> None:
    late = token(KEY, iat=SECONDS - 3_600, exp=SECONDS - 299)
    early = token(KEY, iat=SECONDS + 299, exp=SECONDS + 600)

    assert judged(f"Bearer {late}")["agent_id"] == AGENT
    assert judged(f"Bearer {early}")["agent_id"] == AGENT


def test_a_token_of_another_key_is_refused() -> None:
    stranger = private_key()
    posing = jwt.encode(
        jwt.decode(token(KEY), options={"verify_signature": False}),
        stranger,
        algorithm="ES256",
        headers={"kid": jwk_of(KEY).kid},
    )

    assert judged(f"Bearer {token(stranger)}") == {"refusal": "invalid_token"}
    assert judged(f"Bearer {posing}") == {"refusal": "invalid_token"}


def test_no_other_algorithm_is_accepted_whatever_the_header_says() -> None:
    claims = jwt.decode(token(KEY), options={"verify_signature": False})
    shared_secret = jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": jwk_of(KEY).kid})
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": jwk_of(KEY).kid}).encode()).decode().rstrip("=")
    unsigned = f"{head}.{token(KEY).split('.')[1]}."

    assert judged(f"Bearer {shared_secret}") == {"refusal": "invalid_token"}
    assert judged(f"Bearer {unsigned}") == {"refusal": "invalid_token"}


@pytest.mark.parametrize("credential", ["", "Bearer", "Basic abc", "bearerx y"])
def test_no_bearer_credential_is_said_so(credential: str) -> None:
    assert judged(credential) == {"refusal": "no_credential"}


def test_a_deactivated_agent_is_refused_by_name() -> None:
    assert judged(f"Bearer {token(KEY)}", "deactivated") == {"refusal": "agent_not_active"}


def test_an_agent_is_looked_up_once_a_minute() -> None:
    asked: list[str] = []

    def find(agent_id: str, *, consistent: bool) -> Item:
        assert not consistent, "a look that may be a moment behind costs half"
        asked.append(agent_id)
        return row()

    known = Agents(find)
    headers = {"authorization": f"Bearer {token(KEY)}"}
    for seconds in (0, 30, 59, 60, 61):
        judge(headers, known, NOW + timedelta(seconds=seconds))

    assert len(asked) == 2


@pytest.mark.parametrize("behind", [None, row() | {"keys": []}, row("suspended")])
def test_nobody_is_refused_by_a_row_that_is_a_moment_behind(behind: Item | None) -> None:
    def find(agent_id: str, *, consistent: bool) -> Item | None:
        assert agent_id == AGENT
        return row() if consistent else behind

    assert judge({"authorization": f"Bearer {token(KEY)}"}, Agents(find), NOW)["agent_id"] == AGENT


def test_a_token_vouches_for_nobody_but_its_subject() -> None:
    with pytest.raises(TokenRefused):
        verify_bearer(token(KEY), public_key(jwk_of(KEY)), "agt_01jd2x00000000000000000007", NOW)


def test_an_endless_token_is_not_parsed() -> None:
    assert judged("Bearer " + "a" * (MAX_TOKEN_LENGTH + 1)) == {"refusal": "invalid_token"}


@given(st.one_of(st.text(max_size=80), st.text("abcXYZ019_-.=", max_size=80)))
def test_no_text_raises(text: str) -> None:
    assert "refusal" in judged(f"Bearer {text}")


@pytest.mark.parametrize("part", ["header", "payload"])
def test_a_token_nested_beyond_reading_is_refused_like_any_other(part: str) -> None:
    header = {"alg": "ES256", "typ": "JWT", "kid": jwk_of(KEY).kid}
    nested = "[" * 1_400
    parts = [json.dumps(header), json.dumps({"sub": AGENT})]
    parts[part == "payload"] = parts[part == "payload"].removesuffix("}") + f', "x": {nested}'
    head, payload = (base64.urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in parts)

    assert judged(f"Bearer {head}.{payload}.c2ln") == {"refusal": "invalid_token"}
