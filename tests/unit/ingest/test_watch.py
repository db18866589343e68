"""Silence of agents and printers: noticed at its time, told once an episode, with what the silent have in common."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from functions.ingest.agent_desk.contacts import Contacts
from functions.ingest.agents.agent import activated, find_agent, pending_agent
from functions.ingest.agents.agent_printers import printers_of
from functions.ingest.credentials.codes import code_for
from functions.ingest.silence.coverage import coverage
from functions.ingest.silence.printers_look import DailyLook  # noqa: TC001 - a plain alias
from functions.ingest.silence.watch import due_watches, heard_again, look_after, watched
from functions.ingest.table import keys
from functions.ingest.table.outbox import publish_due
from functions.ingest.table.ports import Documents
from functions.ingest.uploads.accept_upload import accept_upload
from functions.ingest.uploads.taken import Sender
from shared.clock import key_time
from shared.events import BusEvent, EventName
from shared.table import Item
from shared.visibility import Visible
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, SITE, agent_caller
from tests.support.ingest import BERLIN, NOW, FakeDocuments, activation, private_key, reading, upload
from tests.unit.ingest.test_activation import SITE_VIEW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Site:
    """One agent with printers, on a clock that the test moves."""

    def __init__(self, documents: Documents, heartbeat: timedelta | None = HOUR) -> None:
        self.documents = documents
        given = {"heartbeat_interval_seconds": int(heartbeat.total_seconds())} if heartbeat else {}
        config = AgentConfig(discovery=DiscoveryCriteria(include=[]), **given)
        row = pending_agent(SITE_VIEW, name="Cellar", config=config)
        made = code_for(row, valid_for=DAY, now=NOW)
        row = activated(row, made.item, activation(private_key(), made.code), NOW)
        assert documents.commit([row, watched(documents, row, NOW)])
        self.agent_id = str(row["agent_id"])
        self.caller = agent_caller(self.agent_id)
        self.failed: list[Exception] = []
        self.seq = 0
        self.daily: DailyLook | None = None

    @property
    def row(self) -> Item:
        found = find_agent(self.documents, self.agent_id)
        assert found
        return found

    @property
    def printer_ids(self) -> list[str]:
        return printers_of(self.documents, self.agent_id, most=100)

    def send(self, after: timedelta, *serials: str, subnet: str = "192.0.2", credentials: str | None = None) -> None:
        """Readings of these printers, so long after the beginning."""
        now, self.seq = NOW + after, self.seq + 1
        taken = [
            reading(
                f"{serial}-{self.seq}",
                taken_at=now,
                serial_number=f"SN-{serial}1",
                mac_address=None,
                address=f"{subnet}.{place + 1}",
                credentials=credentials,
            )
            for place, serial in enumerate(serials)
        ]
        sender = Sender(self.caller, "0.1.0", BERLIN, now)
        accept_upload(
            upload(*taken, seq=self.seq, sent_at=now), sender=sender, config_etag="", documents=self.documents
        )
        if "silent_since" in self.row:
            heard_again(self.documents, self.agent_id, now)

    def sweep(self, after: timedelta) -> list[BusEvent]:
        """What is told on the bus by a sweep at that time, without discoveries."""
        now = NOW + after
        for watches in list(due_watches(self.documents, now)):
            look_after(self.documents, watches, now, lambda _agent_id, error: self.failed.append(error), self.daily)
        told: list[BusEvent] = []
        publish_due(self.documents, told.extend, now)
        return [event for event in told if event.name is not EventName.PRINTER_DISCOVERED]

    def sweeps(self, first: timedelta, last: timedelta, every: timedelta = HOUR) -> list[BusEvent]:
        told = []
        while first <= last:
            told += self.sweep(first)
            first += every
        return told


@pytest.fixture
def site(fake: FakeDocuments) -> Site:
    return Site(fake)


def names(events: Sequence[BusEvent]) -> list[str]:
    return [event.name.value for event in events]


def test_an_agent_is_silent_when_two_heartbeats_late_and_that_is_told_once(site: Site) -> None:
    site.send(HOUR, "A")

    early = site.sweeps(HOUR, 4 * HOUR)
    told = site.sweeps(4 * HOUR + timedelta(minutes=1), 60 * HOUR)

    assert early == []
    assert names(told) == ["AgentSilent"]
    assert (told[0].subject_id, told[0].data["since"]) == (site.agent_id, key_time(NOW + HOUR))
    assert (told[0].data["cause"], told[0].data["site_id"]) == ({"kind": "agent"}, SITE)
    assert site.failed == []


def test_an_agent_that_comes_back_is_told_once_and_may_fall_silent_again(documents: Documents) -> None:
    site = Site(documents)
    site.send(HOUR, "A")
    silent = site.sweeps(5 * HOUR, 10 * HOUR)

    site.send(11 * HOUR, "A")
    site.send(12 * HOUR, "A")
    heard = site.sweeps(11 * HOUR, 13 * HOUR)
    again = site.sweeps(14 * HOUR, 40 * HOUR)

    assert (names(silent), names(heard), names(again)) == (["AgentSilent"], ["AgentHeard"], ["AgentSilent"])
    assert heard[0].data["silent_since"] == silent[0].data["since"]
    assert again[0].data["since"] == key_time(NOW + 12 * HOUR)
    assert len({event.event_id for event in (*silent, *heard, *again)}) == 3


def test_nothing_is_written_of_an_agent_that_is_heard_but_one_small_item_every_three_hours(
    fake: FakeDocuments,
) -> None:
    site = Site(fake)
    for hour in range(1, 25):
        site.send(hour * HOUR, "A")
        before = fake.writes
        site.sweep(hour * HOUR)
        once = hour in {1, 24}  # the printer's discovery is struck off; the first daily look notes that there is one
        assert fake.writes - before <= 1 + once

    written = fake.writes
    for hour in range(24, 27):
        assert site.sweep(hour * HOUR + timedelta(minutes=30)) == []
    assert fake.writes - written <= 1


def test_an_agent_without_printers_is_heard_by_its_asking_for_its_configuration(site: Site) -> None:
    contacts = Contacts(site.documents)
    told = []
    for quarter in range(1, 24 * 4):
        now = timedelta(minutes=15) * quarter
        contacts.note(site.row, NOW + now)
        told += site.sweep(now)

    assert told == []


def test_asking_is_noted_once_a_heartbeat_and_not_at_all_while_uploads_come(fake: FakeDocuments) -> None:
    site, contacts = Site(fake), Contacts(fake)
    before = fake.writes
    for quarter in range(1, 17):
        contacts.note(site.row, NOW + timedelta(minutes=15) * quarter)
    noted = fake.writes - before

    site.send(5 * HOUR, "A")
    before = fake.writes
    for minutes in (1, 20, 40):
        contacts.note(site.row, NOW + 5 * HOUR + timedelta(minutes=minutes))

    assert noted == 4
    assert fake.writes == before


@pytest.mark.parametrize("status", ["suspended", "suspect", "deactivated"])
def test_an_agent_that_is_not_listened_to_is_not_told_as_silent(site: Site, status: str) -> None:
    assert site.documents.save(site.row | {"status": status})

    assert site.sweeps(HOUR, 60 * HOUR, 6 * HOUR) == []


def keep_alive(site: Site, first: timedelta, last: timedelta, *serials: str) -> list[BusEvent]:
    """The agent reports these printers every two hours, and the sweep runs as often."""
    told = []
    while first <= last:
        site.send(first, *serials)
        told += site.sweep(first)
        first += 2 * HOUR
    return told


def test_one_printer_that_stops_is_told_once_after_three_days_as_a_fault_of_its_own(site: Site) -> None:
    site.send(HOUR, "A", "B")

    told = keep_alive(site, 2 * HOUR, 10 * DAY, "A")

    assert names(told) == ["PrinterSilent"]
    event = told[0]
    assert (event.data["stage"], event.data["cause"]) == ("stale", {"kind": "printer", "printers": 1})
    assert (event.data["serial_number"], event.data["since"]) == ("SN-B1", key_time(NOW + HOUR))
    assert NOW + 3 * DAY <= event.occurred_at <= NOW + 4 * DAY + 6 * HOUR
    episode_key = keys.silence(ROOT_ORGANIZATION, event.subject_id)
    assert site.documents.load([episode_key])[episode_key]["stage"] == "exception"


def test_a_subnet_of_which_nothing_answers_is_the_cause_that_its_printers_share(site: Site) -> None:
    site.send(HOUR, "A", "B", subnet="198.51.100")
    site.send(HOUR, "C", "D")

    told = keep_alive(site, 2 * HOUR, 5 * DAY, "C", "D")

    cause = {"kind": "subnet", "subnet": "198.51.100.0/24", "printers": 2}
    assert names(told) == ["PrinterSilent", "PrinterSilent"]
    assert [event.data["cause"] for event in told] == [cause, cause]
    assert {event.data["serial_number"] for event in told} == {"SN-A1", "SN-B1"}


def test_when_the_agent_is_gone_it_is_the_cause_of_all_its_printers_silence(site: Site) -> None:
    site.send(HOUR, "A", "B", subnet="198.51.100")

    told = site.sweeps(2 * HOUR, 6 * DAY, 6 * HOUR)

    assert names(told) == ["AgentSilent", "PrinterSilent", "PrinterSilent"]
    assert [event.data["cause"] for event in told[1:]] == [{"kind": "agent", "printers": 2}] * 2


def test_a_printer_that_comes_back_is_told_at_the_agent_s_next_look(site: Site) -> None:
    site.send(HOUR, "A", "B")
    silent = keep_alive(site, 2 * HOUR, 5 * DAY, "A")

    heard = keep_alive(site, 5 * DAY + 2 * HOUR, 5 * DAY + 8 * HOUR, "A", "B")

    assert (names(silent), names(heard)) == (["PrinterSilent"], ["PrinterHeard"])
    assert (heard[0].subject_id, heard[0].data["silent_since"]) == (silent[0].subject_id, silent[0].data["since"])
    assert keep_alive(site, 5 * DAY + 10 * HOUR, 7 * DAY, "A", "B") == []


def test_the_printers_of_a_deactivated_agent_are_followed_until_all_are_lost_and_then_never_again(
    site: Site,
) -> None:
    site.send(HOUR, "A")
    assert site.documents.save(site.row | {"status": "deactivated"})

    told = site.sweeps(2 * HOUR, 40 * DAY, 6 * HOUR)

    assert names(told) == ["PrinterSilent"]
    assert list(due_watches(site.documents, NOW + 400 * DAY)) == []


def test_what_is_done_once_a_day_is_done_with_all_printers_of_an_agent(site: Site) -> None:
    looked: list[tuple[str, tuple[str, ...]]] = []
    site.daily = lambda _documents, tenant_id, ids, _now: looked.append((tenant_id, tuple(ids)))
    site.send(HOUR, "a", "b")

    site.sweeps(HOUR, 3 * DAY)

    links = site.documents.page(keys.agent(site.agent_id)[0], sk_prefix=keys.AGENT_PRINTER_PREFIX)
    ids = tuple(item["printer_id"] for item in links.items)
    assert len(ids) == 2
    assert looked == [(site.caller.tenant_id, ids)] * 2


def test_trouble_with_one_agent_holds_up_no_other(documents: Documents) -> None:
    broken, whole = Site(documents), Site(documents)
    row = broken.row
    assert documents.save({name: value for name, value in row.items() if name != "activated_at"})
    failed: list[str] = []
    now = NOW + 5 * HOUR

    for watches in list(due_watches(documents, now)):
        look_after(documents, watches, now, lambda agent_id, _error: failed.append(agent_id))

    assert failed == [broken.agent_id]
    assert "silent_since" in whole.row
    assert list(due_watches(documents, now)) == []
    assert [each["agent_id"] for page in due_watches(documents, now + timedelta(minutes=6)) for each in page] == failed


def test_the_coverage_counts_each_organisation_s_printers_by_stage(site: Site) -> None:
    site.send(HOUR, "A", "B", "C")
    keep_alive(site, 2 * HOUR, 8 * DAY + 6 * HOUR, "A")

    report = coverage(site.documents, Visible(ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/"))

    (one,) = report.organizations
    assert one.organization_id == CHILD_ORGANIZATION
    assert (one.printers, one.reporting, one.stale, one.exception, one.lost) == (3, 1, 0, 2, 0)
    assert (one.share, report.total.printers, report.total.agents) == (0.333, 3, 1)
    nobody = coverage(site.documents, Visible(ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/org_other/"))
    assert (nobody.total.printers, nobody.total.share, nobody.organizations) == (0, None, [])
