import asyncio
from collections.abc import Sequence

import pytest

from edge.site.named_printers import NamedPrinters
from edge.snmp.credentials import CredentialSet, SnmpVersion
from edge.snmp.resolve import Address, UnknownHost
from edge.snmp.targets import parse_targets

FLOOR_3 = CredentialSet("floor 3", SnmpVersion.V2C, "x", targets=("10.0.3.0/24",))
BY_NAME = CredentialSet("by name", SnmpVersion.V2C, "y", targets=("ink.example",))
FOR_ALL = CredentialSet("for all", SnmpVersion.V2C, "z")
SETS = (FLOOR_3, BY_NAME, FOR_ALL)


class Names:
    """A name server whose answers change."""

    def __init__(self, **addresses: str) -> None:
        self.addresses = {name.replace("_", "."): address for name, address in addresses.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Address:
        self.asked.append(host)
        if host not in self.addresses:
            raise UnknownHost(host)
        return self.addresses[host], port


def asked(names: Names, include: Sequence[str], exclude: Sequence[str] = ()) -> dict[str, list[str]]:
    printers = NamedPrinters(names, SETS, exclude)
    targets = parse_targets(include, exclude=exclude, credentials=SETS)
    asyncio.run(printers.look_up(targets))
    return {str(target): [each.name for each in target.credentials] for target in printers.settled(targets)}


def test_a_set_for_a_range_is_for_a_host_name_that_lies_in_it() -> None:
    names = Names(toner_example="10.0.3.7", ink_example="10.0.9.9")

    found = asked(names, ["toner.example", "ink.example", "10.0.3.8"])

    assert found == {
        "toner.example": ["floor 3", "for all"],
        "ink.example": ["by name", "for all"],
        "10.0.3.8": ["floor 3", "for all"],
    }


def test_a_name_that_points_elsewhere_now_loses_the_set_of_its_former_range() -> None:
    names = Names(toner_example="10.0.3.7")
    printers = NamedPrinters(names, SETS)
    targets = parse_targets(["toner.example"], credentials=SETS)
    asyncio.run(printers.look_up(targets))
    names.addresses["toner.example"] = "10.0.9.9"
    asyncio.run(printers.look_up(targets))

    [target] = printers.settled(targets)

    assert [each.name for each in target.credentials] == ["for all"]


def test_a_name_without_an_address_has_only_the_sets_for_it_and_for_all() -> None:
    assert asked(Names(), ["ink.example", "toner.example"]) == {
        "ink.example": ["by name", "for all"],
        "toner.example": ["for all"],
    }


@pytest.mark.parametrize("exclude", ["10.0.3.7", "10.0.3.0/24", "10.0.3.5-9", "10.0.3.7:161", "toner.example"])
def test_what_is_excluded_by_address_is_excluded_under_its_name(exclude: str) -> None:
    names = Names(toner_example="10.0.3.7", ink_example="10.0.9.9")

    assert list(asked(names, ["toner.example", "ink.example"], [exclude])) == ["ink.example"]


def test_what_is_excluded_by_name_is_excluded_in_a_range_too() -> None:
    names = Names(till_example="10.0.3.2")

    found = asked(names, ["10.0.3.1-3", "10.0.3.2:1161"], ["till.example"])

    assert list(found) == ["10.0.3.1", "10.0.3.3"]


def test_a_port_in_an_exclusion_by_name_leaves_the_other_ports() -> None:
    names = Names(till_example="10.0.3.2")

    assert list(asked(names, ["10.0.3.2:1161", "10.0.3.2"], ["till.example:1161"])) == ["10.0.3.2"]


def test_no_name_server_is_asked_for_addresses() -> None:
    names = Names()

    asked(names, ["10.0.3.1-9"], ["10.0.3.4"])

    assert names.asked == []
