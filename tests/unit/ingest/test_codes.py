"""Activation codes: random, checked, and safe to type into any shell."""

from datetime import UTC, datetime, timedelta

from functions.ingest.agents.agent import pending_agent
from functions.ingest.credentials.codes import code_for
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from shared.wire.codes import code_digest, format_code, normalise_code
from tests.support.tickets import SITE

NOW = datetime(2026, 5, 11, tzinfo=UTC)
CONFIG = AgentConfig(discovery=DiscoveryCriteria(include=["192.0.2.0/24"]))


def codes(count: int) -> list[str]:
    return [
        code_for(pending_agent(SITE, name=None, config=CONFIG), valid_for=timedelta(hours=1), now=NOW).code
        for _ in range(count)
    ]


def test_every_code_is_one_that_a_person_can_type_into_a_shell() -> None:
    for code in codes(200):
        assert format_code(code).replace("-", "").isalnum()
        assert normalise_code(format_code(code)) == code


def test_no_two_codes_are_alike() -> None:
    made = codes(200)

    assert len({code_digest(code) for code in made}) == len(made)
