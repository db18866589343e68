"""What every test may rely on: made-up AWS credentials, no tracing, no client kept from the test before."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "POWERTOOLS_METRICS_NAMESPACE": "Platen",
    "POWERTOOLS_SERVICE_NAME": "test",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
}
os.environ.update(_ENVIRONMENT)  # noqa: TID251 - before any module under test is imported


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of raw bytes by its place: bytes made while collecting may differ from one worker to the next."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def fresh_clients() -> Iterator[None]:
    """No cached client or store of one test reaches the next."""
    from shared import aws, idempotency  # noqa: PLC0415 - after the environment is set
    from shared.directory import standing  # noqa: PLC0415 - after the environment is set

    for kept in (aws._client, idempotency._store, standing.standings):
        kept.cache_clear()
    yield
    for kept in (aws._client, idempotency._store, standing.standings):
        kept.cache_clear()


@pytest.fixture(autouse=True)
def living_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up callers have keys in no table: each is taken for alive. Tests of dead keys replace this by their own."""
    from shared.directory import standing  # noqa: PLC0415 - after the environment is set

    monkeypatch.setattr(standing, "refuse_dead_key", lambda _caller, _now: None)


# The same examples each time, so that what passed here passes elsewhere; the nightly run looks for new ones.
settings.register_profile("default", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=3_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))  # noqa: TID251 - a developer's switch
