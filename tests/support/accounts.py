"""The accounts table on moto, its repositories, and bodies that the API takes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import pytest
from moto import mock_aws

from functions.accounts import accounts_api, key_text, settings
from functions.accounts.key_models import ApiKey
from functions.accounts.key_repository import KeyRepository
from shared import aws
from shared.clock import utc_now
from shared.names import GSI1
from shared.table import Table
from shared.tenancy import Caller
from tests.support.api_events import function_context, rest_event
from tests.support.tables import make_idempotency_table, make_table

ADDRESS: Final = {"address1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}


@contextmanager
def accounts_tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Table, Table]]:
    """The accounts and the fleet table, and the environment that the template gives the accounts functions."""
    names = {"ACCOUNTS_TABLE": "accounts", "FLEET_TABLE": "fleet", "IDEMPOTENCY_TABLE": "idempotency"}
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    settings.settings.cache_clear()
    settings.api_settings.cache_clear()
    with mock_aws():
        client = aws.dynamodb()
        make_idempotency_table(client)
        yield make_table(client, "accounts", (GSI1,)), make_table(client, "fleet", (GSI1,))


def call(
    caller: Caller,
    method: str,
    path: str,
    body: object = None,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the accounts API answers."""
    event = rest_event(method, path, body, caller=caller, query=query, headers=headers)
    answer: dict[str, Any] = accounts_api.lambda_handler(event, function_context())
    return answer


def keep_key_of(caller: Caller, accounts: Table) -> None:
    """Keep the key that the caller is said to call with."""
    now = utc_now()
    key = ApiKey(
        tenant_id=caller.tenant_id,
        organization_id=caller.organization_id,
        organization_path=caller.organization_path,
        key_id=caller.key_id,
        name="the caller's own",
        display_prefix="plt_live_abc",
        scopes=sorted(caller.scopes),
        created_at=now,
        created_by="bootstrap",
        expires_at=now + timedelta(days=1),
    )
    assert KeyRepository(accounts).add_key(key, key_text.hash_of(f"{caller.tenant_id} {caller.key_id}"), None)


def new_site(organization_id: str, **changes: object) -> dict[str, object]:
    """A site's body."""
    site: dict[str, object] = {
        "organization_id": organization_id,
        "name": "Head office",
        "address": ADDRESS,
        "time_zone": "Europe/Berlin",
    }
    return site | changes


def new_contact(organization_id: str, **changes: object) -> dict[str, object]:
    """A contact's body."""
    contact: dict[str, object] = {
        "organization_id": organization_id,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.com",
        "address": ADDRESS,
    }
    return contact | changes
