"""The authorizer of the partner API."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.accounts import key_authorizer
from functions.accounts.api_keys import text as key_text
from functions.accounts.api_keys.models import ApiKey, KeyStatus
from functions.accounts.api_keys.repository import KeyRepository
from shared.table import Table
from tests.support.accounts import accounts_tables, add_organization
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, function_context

SECRET = key_text.key_from(2**200 + 77)
NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
METHOD_ARN = "arn:aws:execute-api:us-east-1:123456789012:abc123/prod/GET/v1/sites"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setattr(key_authorizer, "utc_now", lambda: NOW)
    with accounts_tables(monkeypatch) as (accounts, _):
        yield accounts


def stored_key(table: Table, **changes: object) -> ApiKey:
    fields: dict[str, Any] = {
        "tenant_id": ROOT_ORGANIZATION,
        "organization_id": CHILD_ORGANIZATION,
        "organization_path": f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/",
        "key_id": "key_01jd2x00000000000000000005",
        "integration_id": "key_01jd2x00000000000000000005",
        "name": "ERP",
        "display_prefix": SECRET[:12],
        "scopes": ["fleet:read", "orders:read"],
        "created_at": NOW - timedelta(days=1),
        "created_by": "key_01jd2x00000000000000000001",
        "expires_at": NOW + timedelta(days=1),
    }
    key = ApiKey(**(fields | changes))
    add_organization(table, CHILD_ORGANIZATION, above=f"/{ROOT_ORGANIZATION}/")
    KeyRepository(table).add_key(key, key_text.hash_of(SECRET), None)
    return key


def authorize(secret: str | None, header: str = "x-api-key") -> dict[str, Any]:
    event = {"type": "REQUEST", "methodArn": METHOD_ARN, "headers": {header: secret} if secret is not None else None}
    answer: dict[str, Any] = key_authorizer.lambda_handler(event, function_context())
    return answer


@pytest.mark.parametrize("header", ["x-api-key", "X-Api-Key"])
def test_a_live_key_gives_its_tenant_organisation_and_scopes_for_the_whole_stage(table: Table, header: str) -> None:
    key = stored_key(table)

    answer = authorize(SECRET, header)

    assert answer["principalId"] == key.key_id
    assert answer["context"] == {
        "tenant_id": ROOT_ORGANIZATION,
        "organization_id": CHILD_ORGANIZATION,
        "organization_path": f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/",
        "key_id": key.key_id,
        "scopes": "fleet:read orders:read",
    }
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == "arn:aws:execute-api:us-east-1:123456789012:abc123/prod/*/*"


@pytest.mark.parametrize("secret", [None, "", "letmein", "plt_live_" + "0" * 49])
def test_no_key_or_junk_is_unauthorized_before_any_table_is_read(
    table: Table, monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    monkeypatch.setattr(Table, "get", lambda *_, **__: pytest.fail("the table was read"))

    with pytest.raises(Exception, match=r"^Unauthorized$"):
        authorize(secret)


def test_a_key_nobody_issued_is_unauthorized(table: Table) -> None:
    stored_key(table)

    with pytest.raises(Exception, match=r"^Unauthorized$"):
        authorize(key_text.key_from(4711))


@pytest.mark.parametrize("changes", [{"expires_at": NOW}, {"status": KeyStatus.REVOKED}])
def test_an_expired_or_revoked_key_is_unauthorized(table: Table, changes: dict[str, object]) -> None:
    stored_key(table, **changes)

    with pytest.raises(Exception, match=r"^Unauthorized$"):
        authorize(SECRET)


def test_the_day_of_use_is_written_once_a_day_and_never_goes_back(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored_key(table)
    keys = KeyRepository(table)

    authorize(SECRET)
    first = keys.key_by_hash(key_text.hash_of(SECRET))
    keys.mark_used(key_text.hash_of(SECRET), NOW.date() - timedelta(days=3))
    after = keys.key_by_hash(key_text.hash_of(SECRET))
    writes: list[object] = []
    monkeypatch.setattr(Table, "update", lambda *given: writes.append(given))
    authorize(SECRET)

    assert first is not None
    assert first.last_used_day == NOW.date()
    assert after == first
    assert writes == []
