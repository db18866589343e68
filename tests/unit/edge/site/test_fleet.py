import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
import structlog

from edge.config.settings import AgentSettings, NetworkSettings, PrivacySettings
from edge.reading.reader import ReadError
from edge.site import searching
from edge.site.fleet import Fleet
from edge.site.masking import hiding
from edge.site.self_report import SelfReport
from edge.snmp.targets import Target
from edge.spool.recorder import Recorder
from edge.spool.spool import Spool
from edge.spool.status_report import AgentStatus
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from shared.wire.reading import PrinterReading
from tests.support.edge_sending import a_reading, a_spool

OLD, NEW, OTHER = "192.0.2.1", "192.0.2.2", "192.0.2.3"
NETWORK = NetworkSettings(allow=["192.0.2.0/24"], least_interval_seconds=1)


class Office:
    """Printers that are carried about: serial numbers by address; others are silent. Each reading counts."""

    def __init__(self) -> None:
        self.printers: dict[str, str] = {}
        self.asked: list[str] = []
        self.searched: list[list[str]] = []

    async def read(self, target: Target) -> PrinterReading:
        name = str(target)
        self.asked.append(name)
        if name not in self.printers:
            raise ReadError(target, "answer", "no answer")
        number = len(self.asked)
        reading = a_reading(f"rd_{number}", serial=self.printers[name], pages=1_000)
        return reading.model_copy(update={"address": name})

    async def discover(self, targets: Sequence[Target], *, rate_limit_pps: float) -> AsyncIterator[Target]:
        assert rate_limit_pps > 0
        self.searched.append([str(target) for target in targets])
        for target in targets:
            if str(target) in self.printers:
                yield target


class Site:
    """A fleet at work on an office, with a real spool."""

    def __init__(self, folder: Path, office: Office, include: Sequence[str] = ("192.0.2.1-9",)) -> None:
        self.office = office
        self.folder = folder
        self.settings = AgentSettings(server="https://x.test", state_dir=folder, network=NETWORK)
        self.config = AgentConfig(discovery=DiscoveryCriteria(include=list(include)))

    def work(self, *steps: Callable[[Fleet], Awaitable[object]]) -> AgentStatus:
        """Do the steps one after another, in one run of the agent."""

        async def go(spool: Spool) -> None:
            recorder = Recorder(spool, heartbeat_seconds=3_600)
            report = SelfReport(recorder)
            fleet = Fleet(
                self.settings,
                self.config,
                reader=self.office,
                recorder=recorder,
                spool=spool,
                report=report,
                hide=hiding(self.settings),
            )
            for step in steps:
                await step(fleet)
                recorder.drain()

        with a_spool(self.folder) as spool:
            asyncio.run(go(spool))
            return spool.status()

    def bodies(self) -> list[dict[str, object]]:
        """What waits to be sent."""
        with sqlite3.connect(self.folder / "spool.db") as db:
            return [json.loads(body) for (body,) in db.execute("SELECT body FROM readings ORDER BY row")]


def put(office: Office, **printers: str) -> Callable[[Fleet], Awaitable[None]]:
    """A step: the printers are at other addresses now (serial numbers by ``OLD``, ``NEW``, ``OTHER``)."""

    async def step(_fleet: Fleet) -> None:
        places = {"OLD": OLD, "NEW": NEW, "OTHER": OTHER}
        office.printers = {places[place]: serial for place, serial in printers.items()}

    return step


def search(fleet: Fleet) -> Awaitable[object]:
    return fleet.search()


def read(fleet: Fleet) -> Awaitable[object]:
    return fleet.read_once()


def test_a_moved_printer_is_the_same_printer_with_one_row_and_its_reported_state(tmp_path: Path) -> None:
    office = Office()
    site = Site(tmp_path, office)

    status = site.work(put(office, OLD="SN-1"), search, put(office, NEW="SN-1"), read, search, read)

    assert [(printer.target, printer.serial_number) for printer in status.printers] == [(NEW, "SN-1")]
    assert [body["address"] for body in site.bodies()] == [OLD, NEW]
    assert status.spooled == 2  # the first reading, and the one that tells the new address; nothing else had changed


def test_a_printer_moved_while_the_agent_was_off_is_the_same_printer(tmp_path: Path) -> None:
    office = Office()
    Site(tmp_path, office).work(put(office, OLD="SN-1"), search)

    status = Site(tmp_path, office).work(put(office, NEW="SN-1"), search, read)

    assert [(printer.target, printer.serial_number) for printer in status.printers] == [(NEW, "SN-1")]


def test_an_address_given_to_another_printer_leaves_the_states_apart(tmp_path: Path) -> None:
    office = Office()
    site = Site(tmp_path, office)

    status = site.work(put(office, OLD="SN-1"), search, put(office, OLD="SN-2"), read)

    rows = {printer.serial_number: printer for printer in status.printers}
    assert (rows["SN-1"].stage, rows["SN-2"].stage) == ("found", "spooled")
    assert rows["SN-1"].reason == "another printer answers at its address now: it is looked for"
    assert status.spooled == 2  # SN-2 says the same as SN-1 did, and is reported as a printer of its own all the same


def test_two_printers_that_change_places_keep_their_states(tmp_path: Path) -> None:
    office = Office()
    site = Site(tmp_path, office)

    status = site.work(put(office, OLD="SN-1", NEW="SN-2"), search, put(office, OLD="SN-2", NEW="SN-1"), read, read)

    assert {(printer.serial_number, printer.target, printer.reason) for printer in status.printers} == {
        ("SN-1", NEW, None),
        ("SN-2", OLD, None),
    }


def test_a_printer_at_two_addresses_is_read_once_a_cycle_and_shown_once(tmp_path: Path) -> None:
    office = Office()
    site = Site(tmp_path, office)
    site.work(put(office, OLD="SN-1", NEW="SN-1"), search)
    office.asked.clear()

    status = site.work(read, read)

    assert office.asked == [OLD, OLD]
    assert [(printer.target, printer.also_at) for printer in status.printers] == [(OLD, (NEW,))]


def test_a_printer_silent_twice_is_looked_for_soon_and_only_where_nobody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "LEAST_SECONDS_BETWEEN", 0.0)
    office = Office()
    site = Site(tmp_path, office)

    def search_when_due(fleet: Fleet) -> Awaitable[object]:
        return asyncio.wait_for(fleet.search_when_due(), 2)

    status = site.work(
        put(office, OLD="SN-1", OTHER="SN-3"),
        search,
        put(office, NEW="SN-1", OTHER="SN-3"),
        read,
        read,
        search_when_due,
    )

    assert len(office.searched) == 2
    assert OTHER not in office.searched[1]
    assert {(printer.target, printer.serial_number) for printer in status.printers} == {(NEW, "SN-1"), (OTHER, "SN-3")}


def test_what_the_criteria_name_no_more_is_not_asked_and_not_forgotten(tmp_path: Path) -> None:
    office = Office()
    site = Site(tmp_path, office)
    site.work(put(office, OLD="SN-1", NEW="SN-2"), search)
    office.asked.clear()

    fewer = site.config.model_copy(update={"discovery": DiscoveryCriteria(include=[NEW])})

    async def obey(fleet: Fleet) -> None:
        fleet.obey(fewer)

    status = site.work(obey, read, search)

    assert set(office.asked) == {NEW}
    assert {printer.serial_number for printer in status.printers} == {"SN-1", "SN-2"}


def test_criteria_outside_the_fence_are_told_once_and_never_asked(tmp_path: Path) -> None:
    office = Office()
    site = Site(tmp_path, office, include=["192.0.2.1", "203.0.113.0/28", "198.51.100.7"])

    async def obey_again(fleet: Fleet) -> None:
        fleet.obey(site.config)

    with structlog.testing.capture_logs() as logs:
        status = site.work(put(office, OLD="SN-1"), search, obey_again, search)

    assert {address for searched in office.searched for address in searched} == {OLD}
    assert status.facts["fault_fence"] == (
        "not asked, outside of [network] allow in agent.toml: 203.0.113.0/28, 198.51.100.7"
    )
    assert [entry["what"] for entry in logs if entry["log_level"] == "warning"] == ["fence"]


def test_a_fault_of_an_earlier_run_is_gone_when_the_criteria_are_right_again(tmp_path: Path) -> None:
    office = Office()
    Site(tmp_path, office, include=["203.0.113.7"]).work(search)

    status = Site(tmp_path, office).work(search)

    assert "fault_fence" not in status.facts


def test_nothing_that_is_hidden_reaches_the_spools_bodies_and_status_still_shows_the_address(tmp_path: Path) -> None:
    office = Office()
    site = Site(tmp_path, office)
    site.settings = site.settings.model_copy(update={"privacy": PrivacySettings(mask_addresses=True)})

    status = site.work(put(office, OLD="SN-1"), search, put(office, NEW="SN-1"), read, search)

    assert len(site.bodies()) == 2
    assert all(str(body["address"]).startswith("masked-") for body in site.bodies())
    assert not any(address in json.dumps(site.bodies()) for address in (OLD, NEW))
    assert [printer.target for printer in status.printers] == [NEW]
