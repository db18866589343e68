"""The accounts on moto: a dealer with a customer who has printers, or a partner that the operator has just made."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from shared.table import Table
from shared.tenancy import Caller
from tests.support.accounts import accounts_tables, add_organization, add_printer, call, keep_key_of
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, body_of, operator, partner

PRINTERS = tuple(f"prn_01jd2x0000000000000000{number:04d}" for number in range(1, 41))


@dataclass(frozen=True, slots=True)
class Dealer:
    """The tables of a partner with one customer, who has printers."""

    accounts: Table
    printers: tuple[str, ...] = PRINTERS


@pytest.fixture
def dealer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dealer]:
    with accounts_tables(monkeypatch) as (accounts, fleet):
        add_organization(accounts, ROOT_ORGANIZATION)
        add_organization(accounts, CHILD_ORGANIZATION, above=f"/{ROOT_ORGANIZATION}/")
        for printer in PRINTERS:
            add_printer(fleet, printer, CHILD_ORGANIZATION)
        yield Dealer(accounts)


def stored_texts(dealer: Dealer) -> list[str]:
    return [json.dumps(item, default=str) for item in dealer.accounts.client.scan(TableName="accounts")["Items"]]


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Table, Table]]:
    with accounts_tables(monkeypatch) as both:
        yield both


@pytest.fixture
def root(tables: tuple[Table, Table]) -> Caller:
    """A partner that the operator made, and the key that it calls with."""
    made = body_of(call(operator(), "POST", "/v1/organizations", {"name": "Dealer"}))
    caller = partner(made["organization_id"], tenant_id=made["organization_id"])
    keep_key_of(caller, tables[0])
    return caller
