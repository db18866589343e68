"""The doors of a deployed stack: who is refused and how, and that a packed upload arrives as it was sent."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

import httpx
import pytest

from shared.clock import utc_now
from shared.names import Scope
from shared.problems import PROBLEM_JSON
from shared.wire.reading import LIFE_COUNT, Counter, Identity, PrinterReading
from tests.e2e.deployment import Deployment, eventually
from tests.e2e.throwaway import Key, Throwaway

ORGANIZATIONS: Final = "/v1/organizations"
AGENT_BELIEVED_SECONDS: Final = 60
"""How long the agent authorizer keeps what it knows of an agent."""
GRACE_SECONDS: Final = 30
TEN_MEGABYTES: Final = 10 * 1024 * 1024
AT_ONCE: Final = 60
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_LARGE, TOO_MANY = 401, 403, 404, 413, 429


def assert_problem(answer: httpx.Response, status: int, code: str | None = None) -> None:
    """The answer is a problem document (RFC 9457) of this status, in body and in content type."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].partition(";")[0] == PROBLEM_JSON
    document = answer.json()
    assert document["status"] == status
    assert document["detail"]
    assert code is None or document["code"] == code


def printer(serial: str) -> PrinterReading:
    """A made-up printer that answered now."""
    return PrinterReading(
        reading_id=f"r-{serial}-{utc_now():%H%M%S%f}",
        taken_at=utc_now(),
        heartbeat=True,
        identity=Identity(manufacturer="Platen", model="Verification", serial_number=serial),
        counters=[Counter(name=LIFE_COUNT, value=1_000, unit="impressions")],
    )


@pytest.mark.parametrize("secret", [None, "plt_live_madeup"])
def test_a_missing_or_made_up_partner_key_gets_a_401_problem(deployment: Deployment, secret: str | None) -> None:
    with Key(deployment, secret) as stranger:
        answer = stranger.ask("GET", ORGANIZATIONS)

    assert_problem(answer, UNAUTHORIZED, "no_credential")


def test_an_unknown_path_gets_a_404_problem(partner: Throwaway) -> None:
    assert_problem(partner.dealer.ask("GET", "/v1/nothing-here"), NOT_FOUND, "no_such_route")


def test_a_key_without_the_scope_gets_a_403_problem(partner: Throwaway) -> None:
    reader = partner.key(Scope.FLEET_READ)

    assert_problem(reader.ask("GET", ORGANIZATIONS), FORBIDDEN, "scope_missing")


def test_another_partners_organization_is_as_good_as_missing(partner: Throwaway, operator: Key) -> None:
    other = operator.send(ORGANIZATIONS, {"name": "Verification, the other partner"})["organization_id"]

    assert_problem(partner.dealer.ask("GET", f"{ORGANIZATIONS}/{other}"), NOT_FOUND)


@pytest.mark.aws_only("the emulator has no limit on bodies")
def test_a_body_above_ten_megabytes_gets_a_413_problem(partner: Throwaway) -> None:
    answer = partner.dealer.ask("POST", ORGANIZATIONS, content=b" " * (TEN_MEGABYTES + 1))

    assert_problem(answer, TOO_LARGE, "body_too_large")


@pytest.mark.aws_only("the emulator's rates are not those of API Gateway")
def test_above_the_rate_there_is_a_429_problem_that_says_when_to_come_again(
    deployment: Deployment, partner: Throwaway
) -> None:
    if deployment.settings.requests_per_second > AT_ONCE * 10:
        pytest.skip(f"one client cannot send more than {deployment.settings.requests_per_second} requests a second")
    requests = deployment.settings.request_burst * 6
    path = f"{ORGANIZATIONS}/{partner.partner_id}"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: partner.dealer.ask("GET", path), range(requests)))

    refused = [answer for answer in answers if answer.status_code == TOO_MANY]
    assert refused, f"{requests} requests from {AT_ONCE} threads were all answered"
    assert_problem(refused[0], TOO_MANY, "too_many_requests")
    assert int(refused[0].headers["retry-after"]) > 0


def test_a_revoked_key_stops_when_its_cached_verdict_ends(deployment: Deployment, partner: Throwaway) -> None:
    key = partner.key(Scope.ACCOUNTS_READ)
    assert key.ask("GET", ORGANIZATIONS).is_success

    partner.revoke(key)

    bound = deployment.settings.partner_key_cache_seconds + GRACE_SECONDS
    refused = eventually(
        lambda: _refused(key.ask("GET", ORGANIZATIONS)), "a revoked key to be refused", seconds=bound, every=5
    )
    assert_problem(refused, UNAUTHORIZED)


@pytest.mark.parametrize("credential", [{}, {"authorization": "Bearer made.up.token"}])
def test_an_agent_without_a_good_token_gets_a_401_problem(deployment: Deployment, credential: dict[str, str]) -> None:
    url = f"{deployment.agent_api}/v1/config"
    answer = httpx.get(url, headers=credential, verify=deployment.tls, trust_env=not deployment.is_local)

    assert_problem(answer, UNAUTHORIZED, None if credential else "no_credential")


def test_a_packed_upload_arrives_whole_and_once(partner: Throwaway) -> None:
    agent = partner.agent()
    batch = agent.batch(*(printer(f"VERIFY-GZIP-{number}") for number in range(20)))

    first, again = agent.upload(gzip.compress(batch)), agent.upload(gzip.compress(batch))

    assert first.is_success, first.text
    assert {outcome["outcome"] for outcome in first.json()["outcomes"]} == {"stored"}
    assert again.json()["outcomes"] == first.json()["outcomes"]


def test_a_damaged_upload_gets_a_400_problem(partner: Throwaway) -> None:
    agent = partner.agent()
    packed = gzip.compress(agent.batch(printer("VERIFY-DAMAGED")))

    assert_problem(agent.upload(packed[: len(packed) // 2]), 400)


def test_a_deactivated_agent_is_refused_soon(partner: Throwaway) -> None:
    agent = partner.agent()
    packed = gzip.compress(agent.batch(printer("VERIFY-LAST")))
    assert agent.upload(packed).is_success

    partner.dealer.send(f"/v1/agents/{agent.agent_id}/deactivations", {})

    bound = timedelta(seconds=AGENT_BELIEVED_SECONDS + GRACE_SECONDS)
    refused = eventually(
        lambda: _refused(agent.upload(packed)), "a deactivated agent to be refused", seconds=bound.total_seconds()
    )
    assert_problem(refused, FORBIDDEN, "agent_not_active")


def _refused(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.status_code in {UNAUTHORIZED, FORBIDDEN} else None
