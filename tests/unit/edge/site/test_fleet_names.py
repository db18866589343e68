import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from edge.config.settings import AgentSettings, NetworkSettings
from edge.config.snmp import CredentialSettings, SnmpSettings
from edge.site import fleet as fleet_room
from edge.snmp.targets import Target
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from shared.wire.reading import PrinterReading
from tests.unit.edge.site.test_fleet import Office, Site, read, search

PRINTER = "printer.example"
FLOOR = CredentialSettings.model_validate(
    {"name": "floor", "version": "2c", "community": "x", "targets": ["192.0.2.0/28"]}
)
REST = CredentialSettings.model_validate({"name": "rest", "version": "2c", "community": "y"})


class Listening(Office):
    """Notes with which sets it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.sets: list[list[str]] = []

    async def read(self, target: Target) -> PrinterReading:
        self.sets.append([each.name for each in target.credentials])
        return await super().read(target)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the name server answers."""
    answers = {PRINTER: "192.0.2.5"}

    async def resolved(host: str, port: int, **_: Any) -> tuple[str, int]:  # noqa: ANN401 - the fence
        await asyncio.sleep(0)
        return answers.get(host, host), port

    monkeypatch.setattr(fleet_room, "resolved", resolved)
    return answers


def a_site(folder: Path, office: Office, exclude: Sequence[str] = ()) -> Site:
    site = Site(folder, office)
    site.settings = AgentSettings(
        server="https://x.test",
        state_dir=folder,
        network=NetworkSettings(allow=["192.0.2.0/24"]),
        snmp=SnmpSettings(credentials=[FLOOR, REST]),
    )
    site.config = AgentConfig(discovery=DiscoveryCriteria(include=[PRINTER], exclude=list(exclude)))
    return site


@pytest.mark.usefixtures("address")
def test_a_printer_by_name_is_searched_and_read_with_the_set_for_its_range(tmp_path: Path) -> None:
    office = Listening()
    office.printers = {PRINTER: "S1"}

    a_site(tmp_path, office).work(search, read)

    assert office.sets == [["floor", "rest"]] * 2


def test_a_name_that_now_stands_for_another_address_is_read_with_the_sets_for_that(
    tmp_path: Path, address: dict[str, str]
) -> None:
    office = Listening()
    office.printers = {PRINTER: "S1"}

    async def redirect(_fleet: object) -> None:
        address[PRINTER] = "192.0.2.99"

    a_site(tmp_path, office).work(search, redirect, read)

    assert office.sets == [["floor", "rest"], ["rest"]]


def test_a_name_whose_address_is_excluded_is_neither_searched_nor_read(tmp_path: Path, address: dict[str, str]) -> None:
    office = Listening()
    office.printers = {PRINTER: "S1"}
    site = a_site(tmp_path, office, ["192.0.2.64/26"])

    async def redirect(_fleet: object) -> None:
        address[PRINTER] = "192.0.2.99"

    site.work(search, redirect, read, search)

    assert len(office.sets) == 1
    assert office.searched[-1] == []
