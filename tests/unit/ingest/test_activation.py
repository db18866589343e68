"""Codes and what agents get for them, on the fake store and on DynamoDB."""

import secrets
from datetime import timedelta

import pytest

from functions.ingest.agent_desk.activation import ATTEMPTS_A_MINUTE, activate, limit_attempts
from functions.ingest.agent_desk.models import Discovery, NewActivationCode
from functions.ingest.agents.agent import pending_agent
from functions.ingest.credentials.codes import NewCode, code_for
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.directory.views import Address, SiteView
from shared.errors import Conflict, Invalid, TooManyRequests
from shared.names import AGENT_AUDIENCE
from shared.wire.codes import code_digest, format_code, normalise_code
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, SITE
from tests.support.ingest import NOW, FakeDocuments, activation, private_key

SITE_VIEW = SiteView(
    tenant_id=ROOT_ORGANIZATION,
    organization_id=CHILD_ORGANIZATION,
    organization_path=f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/",
    site_id=SITE,
    name="Head office",
    address=Address(address1="1 Way", city="Berlin", postal_code="10115", country="DE"),
    time_zone="Europe/Berlin",
)


def issue(documents: Documents, *, hours: int = 72) -> NewCode:
    wanted = NewActivationCode(site_id=SITE, discovery=Discovery(include=["192.0.2.0/24"]), poll_interval_seconds=60)
    agent = pending_agent(SITE_VIEW, name="One", config=wanted.config())
    made = code_for(agent, valid_for=timedelta(hours=hours), now=NOW)
    assert documents.commit([made.item, agent])
    return made


def test_a_code_becomes_an_agent_at_its_site_with_its_configuration(documents: Documents) -> None:
    made = issue(documents)

    grant = activate(activation(private_key(), format_code(made.code).lower()), documents=documents, now=NOW)

    assert (grant.organization_id, grant.site_id, grant.audience) == (CHILD_ORGANIZATION, SITE, AGENT_AUDIENCE)
    assert (grant.config.discovery.include, grant.config.poll_interval_seconds) == (["192.0.2.0/24"], 60)
    agent = documents.load([keys.agent(grant.agent_id)])[keys.agent(grant.agent_id)]
    assert (agent["status"], agent["tenant_id"], agent["config_etag"]) == (
        "active",
        ROOT_ORGANIZATION,
        grant.config_etag,
    )


def test_the_code_itself_is_stored_nowhere(fake: FakeDocuments) -> None:
    made = issue(fake)
    activate(activation(private_key(), made.code), documents=fake, now=NOW)

    assert made.code not in repr(fake.items)
    assert format_code(made.code) not in repr(fake.items)
    assert code_digest(made.code) in repr(fake.items)


def test_an_answer_that_was_lost_is_given_again_to_the_same_key(documents: Documents) -> None:
    made, key = issue(documents), private_key()
    first = activate(activation(key, made.code), documents=documents, now=NOW)

    again = activate(activation(key, made.code), documents=documents, now=NOW)

    assert again == first


def test_a_used_code_is_refused_to_another_key(documents: Documents) -> None:
    made = issue(documents)
    activate(activation(private_key(), made.code), documents=documents, now=NOW)

    with pytest.raises(Conflict) as refused:
        activate(activation(private_key(), made.code), documents=documents, now=NOW)
    assert refused.value.code == "activation_code_used"


def test_an_expired_code_is_refused(fake: FakeDocuments) -> None:
    made = issue(fake, hours=1)
    later = NOW + timedelta(hours=1, seconds=1)

    with pytest.raises(Conflict) as refused:
        activate(activation(private_key(), made.code, now=later), documents=fake, now=later)
    assert refused.value.code == "activation_code_expired"


def test_a_mistyped_code_and_an_unknown_one_are_invalid_and_name_the_field(fake: FakeDocuments) -> None:
    made = issue(fake)
    body = made.code[:-2] + ("0" if made.code[-2] != "0" else "1") + made.code[-1]
    config = NewActivationCode(site_id=SITE, discovery=Discovery(include=[])).config()
    unknown = code_for(pending_agent(SITE_VIEW, name=None, config=config), valid_for=timedelta(1), now=NOW)

    for code in (body, "nonsense", unknown.code):
        with pytest.raises(Invalid) as refused:
            activate(activation(private_key(), code), documents=fake, now=NOW)
        assert refused.value.code == "activation_code_invalid"
        assert refused.value.errors[0].pointer == "/code"


def test_a_proof_for_another_code_key_or_audience_is_refused_and_leaves_the_code_unused(fake: FakeDocuments) -> None:
    made, key = issue(fake), private_key()
    seconds = int(NOW.timestamp())
    wrong = [
        activation(key, made.code, code_sha256=code_digest(normalise_code(made.code) or "")[::-1]),
        activation(key, made.code, aud="platen-agent-api"),
        activation(key, made.code, exp=seconds + 601),
        activation(key, made.code, iat=seconds - 3_600, exp=seconds - 3_300),
        activation(key, made.code, iat=seconds + 3_000, exp=seconds + 3_300),
        activation(key, made.code, kid="0123456789abcdef"),
        activation(key, made.code).model_copy(update={"proof": activation(private_key(), made.code).proof}),
        activation(key, made.code).model_copy(update={"proof": "a.b.c"}),
    ]

    for request in wrong:
        with pytest.raises(Invalid) as refused:
            activate(request, documents=fake, now=NOW)
        assert refused.value.code == "proof_invalid"
        assert refused.value.errors[0].pointer in {"/proof", "/jwk/kid"}

    assert activate(activation(key, made.code), documents=fake, now=NOW).site_id == SITE


def test_a_point_off_the_curve_is_refused(fake: FakeDocuments) -> None:
    made, key = issue(fake), private_key()
    honest = activation(key, made.code)
    off = honest.jwk.model_copy(update={"y": secrets.token_urlsafe(32)[:43]})

    with pytest.raises(Invalid) as refused:
        activate(honest.model_copy(update={"jwk": off}), documents=fake, now=NOW)
    assert refused.value.code == "proof_invalid"


def test_of_two_agents_with_one_code_exactly_one_is_made(fake: FakeDocuments) -> None:
    made = issue(fake)
    winner, loser = private_key(), private_key()
    read = fake.load

    def load_and_lose(wanted: list[keys.Key]) -> dict[keys.Key, dict[str, object]]:
        found = read(wanted)
        fake.load = read  # type: ignore[method-assign] # only the first look is overtaken
        activate(activation(winner, made.code), documents=fake, now=NOW)
        return found

    fake.load = load_and_lose  # type: ignore[method-assign,assignment] # somebody is faster between read and write
    with pytest.raises(Conflict):
        activate(activation(loser, made.code), documents=fake, now=NOW)

    assert len(fake.of_kind("AGENT")) == 1


def test_an_address_may_try_so_often_in_a_minute_and_again_in_the_next(documents: Documents) -> None:
    for _ in range(ATTEMPTS_A_MINUTE):
        limit_attempts("192.0.2.1", documents=documents, now=NOW)

    with pytest.raises(TooManyRequests):
        limit_attempts("192.0.2.1", documents=documents, now=NOW)
    limit_attempts("192.0.2.2", documents=documents, now=NOW)
    limit_attempts("192.0.2.1", documents=documents, now=NOW + timedelta(minutes=1))


def test_addresses_of_one_ipv6_network_are_counted_as_one(documents: Documents) -> None:
    for number in range(ATTEMPTS_A_MINUTE):
        limit_attempts(f"2001:db8:1:2::{number:x}", documents=documents, now=NOW)

    with pytest.raises(TooManyRequests):
        limit_attempts("2001:db8:1:2:ffff::1", documents=documents, now=NOW)
    limit_attempts("2001:db8:1:3::1", documents=documents, now=NOW)
