"""A partner's root, one customer of it and two printers of the customer, on moto."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from shared.table import Table
from tests.support.accounts import accounts_tables, add_organization, add_printer
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION

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
