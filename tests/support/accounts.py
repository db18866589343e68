"""The accounts table on moto, its repositories, and bodies that the API takes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import pytest
from moto import mock_aws

from functions.accounts import accounts_api, settings
from functions.accounts.api_keys import text as key_text
from functions.accounts.api_keys.models import ApiKey
from functions.accounts.api_keys.repository import KeyRepository
from functions.accounts.tree.models import Organization
from functions.accounts.tree.organization_repository import organization_item
from shared import aws
from shared.clock import utc_now
from shared.directory import keys
from shared.names import GSI1
from shared.table import Table
from shared.tenancy import Caller
from tests.support.api_events import ROOT_ORGANIZATION, body_of, function_context, partner, rest_event
from tests.support.tables import make_idempotency_table, make_table

ADDRESS: Final = {"address1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}


@contextmanager
def accounts_tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Table, Table]]:
    """The accounts and the fleet table, and the environment that the template gives the accounts functions."""
    names = {"ACCOUNTS_TABLE": "accounts", "FLEET_TABLE": "fleet", "IDEMPOTENCY_TABLE": "idempotency"}
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    for cached in (settings.settings, settings.api_settings, settings.import_settings):
        cached.cache_clear()
    with mock_aws():
        url = aws.sqs().create_queue(QueueName="contact-imports")["QueueUrl"]
        monkeypatch.setenv("CONTACT_IMPORTS_QUEUE_URL", url)
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


def add_organization(
    table: Table, organization_id: str, *, above: str = "/", tenant_id: str = ROOT_ORGANIZATION
) -> None:
    """Keep an organisation below the path."""
    table.put(
        {
            "pk": keys.tenant(tenant_id),
            "sk": keys.organization(organization_id),
            "tenant_id": tenant_id,
            "organization_id": organization_id,
            "path": f"{above}{organization_id}/",
            "name": "An organisation",
            "created_at": "2026-11-22T18:20:21.000000Z",
        }
    )


def add_printer(fleet: Table, printer_id: str, organization_id: str) -> None:
    """Keep a printer of an organisation below the root."""
    fleet.put(
        {
            "pk": keys.printer(ROOT_ORGANIZATION, printer_id),
            "sk": keys.PRINTER_META,
            "tenant_id": ROOT_ORGANIZATION,
            "organization_id": organization_id,
            "organization_path": f"/{ROOT_ORGANIZATION}/{organization_id}/",
            "site_id": "site_01jd2x00000000000000000001",
            "agent_id": "agt_01jd2x00000000000000000001",
            "printer_id": printer_id,
            "first_seen_at": "2026-11-22T18:20:21.000000Z",
        }
    )


def keep_key_of(caller: Caller, accounts: Table) -> None:
    """Keep the key that the caller is said to call with, and its organisation unless that is kept already."""
    now = utc_now()
    home = Organization(
        tenant_id=caller.tenant_id,
        organization_id=caller.organization_id,
        path=caller.organization_path,
        name="An organisation",
        created_at=now,
    )
    accounts.create(organization_item(home))
    key = ApiKey(
        tenant_id=caller.tenant_id,
        organization_id=caller.organization_id,
        organization_path=caller.organization_path,
        key_id=caller.key_id,
        integration_id=caller.key_id,
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


def child_of(caller: Caller, name: str = "Customer", parent_id: str | None = None) -> dict[str, Any]:
    body = {"name": name} | ({"parent_id": parent_id} if parent_id else {})
    made: dict[str, Any] = body_of(call(caller, "POST", "/v1/organizations", body))
    return made


def acting_for(organization: dict[str, Any]) -> Caller:
    return partner(
        organization["organization_id"],
        tenant_id=organization["tenant_id"],
        organization_path=organization["path"],
        key_id="key_01jd2x00000000000000000002",
    )
