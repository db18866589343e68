"""Credential sets in their turn: which one a printer answers to, and what a silent one costs."""

import asyncio
from datetime import datetime, timedelta

import pytest

from edge.reading.access import AccessPlan
from edge.reading.access_memory import AccessMemory
from edge.reading.contact import contact
from edge.reading.reader import Reader, ReaderLimits, ReadError
from edge.snmp.codec import PreparedRequest, Reply
from edge.snmp.credentials import CredentialSet, SnmpVersion
from edge.snmp.earlier import Earlier
from edge.snmp.session import CredentialRefused, Session
from edge.snmp.targets import Target
from edge.snmp.transport import Address, Received
from local.printers.messages import Request
from shared.wire.reading import PrinterReading
from tests.support.edge import NOON, MemoryTransport, plain_printer

NEW = CredentialSet(name="new", community="s3cret-new")
OLD = CredentialSet(name="old", community="s3cret-old")
OLDEST = CredentialSet(name="oldest", version=SnmpVersion.V1, community="s3cret-oldest")
SETS = (NEW, OLD, OLDEST)
PRINTER = Target("10.0.0.5", credentials=SETS)


class Site:
    """A printer that knows some communities, a reader, and a clock that the test moves."""

    def __init__(self, *communities: str, transport: MemoryTransport | None = None) -> None:
        self.transport = transport or MemoryTransport(plain_printer())
        self.known = set(communities)
        self.transport.lose = lambda request: request.community.decode() not in self.known
        self.at = NOON
        self.memory = AccessMemory()
        self.reader = Reader(self, limits=ReaderLimits(retries=1), memory=self.memory)
        self.reader._transport = self.transport

    def now(self) -> datetime:
        return self.at

    def read(self) -> PrinterReading:
        self.transport.requests.clear()
        return asyncio.run(self.reader.read(PRINTER))

    def failure(self) -> ReadError:
        with pytest.raises(ReadError) as failed:
            self.read()
        return failed.value

    @property
    def asked(self) -> list[str]:
        """The community of each request, in order."""
        return [request.community.decode().removeprefix("s3cret-") for request in self.transport.requests]


def test_sets_are_tried_in_turn_and_each_silent_one_costs_one_datagram() -> None:
    site = Site("s3cret-oldest")

    reading = site.read()

    assert reading.identity.serial_number == "CNBX123456"
    assert site.asked[:3] == ["new", "old", "oldest"]
    assert set(site.asked[3:]) == {"oldest"}


def test_the_set_that_worked_is_the_first_and_only_one_from_then_on() -> None:
    site = Site("s3cret-old")
    site.read()

    site.read()
    site.reader._shapes.clear()
    site.read()

    assert set(site.asked) == {"old"}
    assert site.memory.plan_of(str(PRINTER)).credentials == "old"


def test_a_silent_printer_is_asked_with_every_set_and_the_error_names_them_without_their_secrets() -> None:
    site = Site()

    failure = site.failure()

    assert failure.stage == "answer"
    assert all(name in failure.message for name in ("new", "old", "oldest"))
    assert "s3cret" not in failure.message
    assert site.asked == ["new", "old", "oldest", "oldest"]


def test_a_known_printer_that_is_off_is_asked_with_other_sets_once_an_hour_only() -> None:
    site = Site("s3cret-old")
    site.read()
    site.known.clear()

    site.failure()  # by its shape
    site.failure()
    assert set(site.asked) == {"old", "new", "oldest"}
    for minutes in (15, 30, 45):
        site.at = NOON + timedelta(minutes=minutes)
        site.failure()
        assert set(site.asked) == {"old"}
    site.at = NOON + timedelta(minutes=61)
    site.failure()

    assert set(site.asked) == {"old", "new", "oldest"}


def test_a_printer_whose_community_was_changed_is_found_again_with_another_set() -> None:
    site = Site("s3cret-old")
    site.read()
    site.known = {"s3cret-new"}

    site.failure()  # by its shape
    reading = site.read()

    assert reading.identity.serial_number == "CNBX123456"
    assert site.memory.plan_of(str(PRINTER)).credentials == "new"


def test_a_printer_that_speaks_only_v1_is_read_without_getbulk() -> None:
    site = Site()
    site.transport.lose = lambda request: request.version != 0

    first, again = site.read(), site.read()

    assert first.supplies is not None
    assert [supply.percent for supply in first.supplies] == [50.0, 25.0, 16.67, 12.5, 10.0]
    assert again.model_dump(exclude={"reading_id"}) == first.model_dump(exclude={"reading_id"})
    assert site.memory.plan_of(str(PRINTER)).credentials == "oldest"


class Refusing(MemoryTransport):
    """Has something against one community, as a v3 engine has against a user."""

    async def exchange(  # type: ignore[override] # v2c only, as its base class
        self, address: Address, request: PreparedRequest, waits: tuple[float, ...], earlier: Earlier | None = None
    ) -> Received:
        if b"s3cret-new" in request.head:
            raise CredentialRefused("new", "the password is wrong: check auth_password")
        return await super().exchange(address, request, waits, earlier)


def test_why_a_set_was_refused_is_told_beside_the_silent_ones() -> None:
    failure = Site(transport=Refusing(plain_printer())).failure()

    assert "new: refused: the password is wrong" in failure.message
    assert "no answer (tried: old, oldest)" in failure.message


def test_a_printer_that_swallows_large_questions_is_told_from_a_silent_one() -> None:
    site = Site()

    def too_much(request: Request) -> bool:
        return request.community != b"s3cret-oldest" or len(request.oids) > 3

    site.transport.lose = too_much
    reading = site.read()

    assert reading.supplies is not None
    assert site.memory.plan_of(str(PRINTER)).most_names <= 3


V3 = CredentialSet(name="v3", version=SnmpVersion.V3, user="platen")
V2 = CredentialSet(name="v2", community="public")


class Two:
    """A printer that answers v2c always, and v3 as the test says. What it is asked in its memory is v2c."""

    def __init__(self) -> None:
        self.hears_v3 = True
        self.tried: list[str] = []

    def read(self, plan: AccessPlan, now: datetime = NOON) -> str:
        """The set that a full reading goes on with."""
        self.tried.clear()

        async def go() -> None:
            await contact(self._session, (V3, V2), plan, now)

        asyncio.run(go())
        return self.tried[-1]

    def _session(self, credentials: CredentialSet) -> Session:
        self.tried.append(credentials.name)
        session = Session(MemoryTransport(plain_printer()), ("10.0.0.5", 161), V2, ReaderLimits())
        if credentials is V3 and not self.hears_v3:
            session.ask = refuse  # type: ignore[method-assign]
        return session


async def refuse(*_: object, **__: object) -> Reply:
    raise CredentialRefused("v3", "it knows no such user: check user")


def test_a_printer_that_was_once_asked_signed_is_asked_so_again_after_a_forged_refusal() -> None:
    site, plan = Two(), AccessPlan()
    assert site.read(plan) == "v3"
    site.hears_v3 = False  # anybody on the way can forge a report
    assert site.read(plan) == "v2"
    site.hears_v3 = True

    assert site.read(AccessPlan.from_row(plan.as_row()), NOON + timedelta(hours=1)) == "v3"
    assert site.tried == ["v3"]


def test_a_printer_that_never_answered_signed_is_asked_as_it_answers() -> None:
    site, plan = Two(), AccessPlan()
    site.hears_v3 = False
    site.read(plan)

    site.read(plan)

    assert site.tried == ["v2"]
