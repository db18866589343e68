import asyncio

from edge.reading.host_names import asked_once
from edge.snmp.resolve import Address, UnknownHost
from edge.snmp.targets import Target

NAMES = {"a.example": "192.0.2.1", "b.example": "192.0.2.1", "c.example": "192.0.2.3"}


async def resolve(host: str, port: int) -> Address:
    if host not in NAMES:
        raise UnknownHost(f"no address for host {host!r}")
    return NAMES[host], port


def once(*hosts: str) -> tuple[list[str], str | None]:
    targets, problem = asyncio.run(asked_once([Target(host) for host in hosts], resolve))
    return [str(target) for target in targets], problem


def test_a_printer_named_and_in_a_range_is_asked_by_its_name_once() -> None:
    assert once("192.0.2.1", "192.0.2.2", "a.example") == (["a.example", "192.0.2.2"], None)


def test_two_names_of_one_address_are_asked_once_by_the_first() -> None:
    assert once("a.example", "b.example", "c.example") == (["a.example", "c.example"], None)


def test_a_name_without_an_address_is_said_and_the_others_are_asked() -> None:
    assert once("nowhere.example", "c.example") == (["c.example"], "no address for host 'nowhere.example'")


def test_many_names_without_an_address_are_not_all_said() -> None:
    _, problem = once(*(f"host{number}.example" for number in range(40)))

    assert problem is not None
    assert problem.count("no address") == 5
    assert problem.endswith("; and more")


def test_addresses_alone_are_left_as_they_are() -> None:
    assert once("192.0.2.2", "192.0.2.1") == (["192.0.2.2", "192.0.2.1"], None)
