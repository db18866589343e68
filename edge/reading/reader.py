"""Reads printers: one socket for all, each printer within its limits, a fault of one never touching another."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, Self

from pydantic import ValidationError

from edge.clock import Clock
from edge.profiles.makers import Profile
from edge.reading.access import LONGEST_TIMEOUT_SECONDS, AccessPlan
from edge.reading.access_memory import AccessMemory, fingerprint_of, printer_key
from edge.reading.contact import SILENCE_HINT, contact
from edge.reading.discovery import sweep
from edge.reading.full_reading import begin_alerts, read_tables, single_cells, take_probe
from edge.reading.identity import identity_of
from edge.reading.inquiry import Inquiry
from edge.reading.kinds import Likenesses, kind_of
from edge.reading.likeness import Likeness, Unlike, likeness_of
from edge.reading.maker_counters import keep_named_rows
from edge.reading.plan import ALERT_GROUP
from edge.reading.printer import compose
from edge.reading.shape import Shape, ShapeChanged, learn, read_cells
from edge.reading.walk import Walk
from edge.snmp.answers import Answers
from edge.snmp.credentials import CredentialSet
from edge.snmp.fence import Fence
from edge.snmp.parts import SharedParts
from edge.snmp.session import BudgetSpent, MalformedReply, NoAnswer, ReaderLimits, Session
from edge.snmp.targets import Target
from edge.snmp.transport import Address, Pacer, Transport, UnknownHost
from shared.wire.codes import ALPHABET
from shared.wire.reading import PrinterReading

__all__ = ["ReadError", "Reader", "ReaderLimits"]

MAX_SHAPES: Final = 8_192
PATIENCE: Final = 5
"""How much longer to wait for a printer that was silent the last time."""
SLOW_PRINTER_SECONDS: Final = 60.0


class ReadError(Exception):
    """A printer could not be read.

    Attributes:
        target: the printer.
        stage: ``resolve``, ``answer`` (it is silent), ``decode`` or ``map`` (it sends what we cannot read).
        message: what happened, for people.
    """

    def __init__(self, target: Target, stage: str, message: str) -> None:
        super().__init__(f"{target}: {message}")
        self.target = target
        self.stage = stage
        self.message = message


class Reader:
    """Reads and finds printers. An async context manager; open it inside a running loop.

    Args:
        clock: dates the readings.
        limits: what one printer may cost.
        rate_limit_pps: most datagrams sent in a second, over all printers; None for no limit.
        memory: how each printer is best asked; without one that is forgotten with the reader.
        fence: which addresses may be asked; None for all, when a person names them.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        limits: ReaderLimits | None = None,
        rate_limit_pps: float | None = None,
        memory: AccessMemory | None = None,
        fence: Fence | None = None,
    ) -> None:
        self.memory: Final = AccessMemory() if memory is None else memory
        self._clock = clock
        self._limits = limits or ReaderLimits()
        self._transport = Transport(rate_limit_pps=rate_limit_pps, fence=fence)
        self._shapes: dict[Target, Shape] = {}
        self._parts = SharedParts()
        self._likenesses = Likenesses()

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.memory.save(at_once=True)
        await self._transport.__aexit__(*exception)

    @property
    def packets_sent(self) -> int:
        """Datagrams sent since the reader was opened."""
        return self._transport.packets_sent

    async def read(self, target: Target) -> PrinterReading:
        """Read one printer.

        A printer that answers but does not finish within its limits gives what it answered: tables that were not
        read to their end are None, with the reason in ``missing``.

        Raises:
            ReadError: its name has no address, it is silent, or nothing it sends can be read.
        """
        try:
            address = await self._transport.resolve(target.host, target.port)
        except UnknownHost as error:
            raise ReadError(target, "resolve", str(error)) from error
        plan = self.memory.plan_of(str(target))
        plan.review(self._clock.now())
        try:
            taken = await self._by_shape(target, address, plan) or await self._in_full(target, address, plan)
        except NoAnswer as error:
            plan.silent_polls += 1
            hint = f"; {SILENCE_HINT}" if type(error) is NoAnswer else ""
            raise ReadError(target, "answer", f"{error}{hint}") from error
        except (MalformedReply, BudgetSpent) as error:
            raise ReadError(target, "decode", f"cannot read its answer: {error}") from error
        try:
            reading = compose(
                taken.answers,
                taken.profile,
                reading_id=new_reading_id(taken.at),
                taken_at=taken.at,
                address=str(target),
                credentials=_told_name(target, taken),
            )
        except ValidationError as error:
            self._shapes.pop(target, None)
            fields = sorted({".".join(map(str, problem["loc"])) for problem in error.errors()})
            raise ReadError(target, "map", f"its {', '.join(fields)} cannot be kept in a reading") from error
        self._learn_from(target, taken, reading)
        return reading

    def discover(
        self,
        targets: Iterable[Target],
        *,
        rate_limit_pps: float | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> AsyncIterator[Target]:
        """Find the printers among the targets, each as soon as it answers.

        Args:
            targets: where to look.
            rate_limit_pps: most datagrams a second of this sweep; readings meanwhile are not slowed.
            on_progress: called with the number of targets that are done and of all.
        """
        return sweep(self._transport, list(targets), pacer=Pacer(rate_limit_pps), on_progress=on_progress)

    async def _by_shape(self, target: Target, address: Address, plan: AccessPlan) -> "_Taken | None":
        """A reading by the shape known of the printer; None when there is none or it does not fit."""
        shape = self._shapes.pop(target, None)  # kept again when it still fits
        credentials = next((each for each in target.credentials if each.name == plan.credentials), None)
        if shape is None or shape.readings_left <= 0 or credentials is None:
            return None
        inquiry = Inquiry(self._session(address, plan, credentials), plan, self._clock.now())
        try:
            answers, alerts = await read_cells(inquiry, shape)
        except (ShapeChanged, MalformedReply):
            return None
        taken_at = self._clock.now()
        if alerts is None or alerts:
            walk = Walk(inquiry, answers)
            with contextlib.suppress(NoAnswer, MalformedReply, BudgetSpent):  # its alerts are then None
                if alerts is None:
                    taken_at = await begin_alerts(walk, answers, shape.alerts.rows_to_ask, self._clock)
                else:
                    walk.go_on(ALERT_GROUP.columns, alerts)
                at_once = alerts is not None and answers.finished.issuperset(ALERT_GROUP.columns)
                shape.alerts.columns = None
                await walk.finish()
                shape.alerts.keep(answers, at_once=at_once)
        self._remember(target, shape)
        return _Taken(answers, shape.profile, taken_at, inquiry)

    async def _in_full(self, target: Target, address: Address, plan: AccessPlan) -> "_Taken":
        open_session = partial(self._session, address, plan)
        inquiry, found = await contact(open_session, target.credentials, plan, self._clock.now())
        answers = Answers()
        profile = take_probe(found, answers)
        self._recognise(target, inquiry, printer_key(identity_of(answers, profile, None)))
        cells = single_cells(answers, profile)
        kind = kind_of(answers, profile, cells, inquiry)
        alike = self._likenesses.find(kind, profile)
        if alike is not None:
            taken = await self._alike(target, alike, inquiry, answers)
            if taken is not None:
                return taken
        profile, taken_at, complete = await read_tables(inquiry, answers, profile, self._clock)
        if complete:
            if kind is not None and self._likenesses.lacks(kind, profile):
                self._likenesses.learn(kind, likeness_of(answers, profile, cells))
            _forget_unnamed(answers, profile)
            self._remember(target, learn(answers, profile, inquiry.session, inquiry.plan, self._parts))
        return _Taken(answers, profile, taken_at, inquiry, in_full=True)

    async def _alike(self, target: Target, alike: Likeness, inquiry: Inquiry, answers: Answers) -> "_Taken | None":
        """A full reading by what is known of printers like this one; None when it is not like them."""
        try:
            alerts = await alike.read(inquiry, answers)
        except (Unlike, MalformedReply):
            return None
        taken_at = self._clock.now()
        walk = Walk(inquiry, answers)
        with contextlib.suppress(NoAnswer, MalformedReply, BudgetSpent):  # its alerts are then None
            walk.go_on(ALERT_GROUP.columns, alerts)
            await walk.finish()
            _forget_unnamed(answers, alike.profile)
            self._remember(target, alike.shape(answers, inquiry, self._parts))
        return _Taken(answers, alike.profile, taken_at, inquiry, in_full=True)

    def _session(self, address: Address, plan: AccessPlan, credentials: CredentialSet) -> Session:
        """A conversation with as much patience as the printer is known to need."""
        limits = self._limits
        wait = plan.timeout_seconds
        if wait is None and plan.silent_polls:  # it may be slow rather than off
            wait = min(PATIENCE * limits.timeout_seconds, LONGEST_TIMEOUT_SECONDS)
        if wait is not None:
            seconds = max(limits.seconds_per_printer, SLOW_PRINTER_SECONDS)
            limits = replace(limits, timeout_seconds=wait, seconds_per_printer=seconds)
        return Session(self._transport, address, credentials, limits)

    def _recognise(self, target: Target, inquiry: Inquiry, key: str | None) -> None:
        """Go on with the plan of the printer that turned out to be there."""
        plan = self.memory.recognise(str(target), key)
        if plan is not inquiry.plan:
            plan.answers_to(inquiry.plan.credentials or "")
            inquiry.plan = plan

    def _learn_from(self, target: Target, taken: "_Taken", reading: PrinterReading) -> None:
        """Keep what this reading showed of the printer's ways."""
        inquiry, usual = taken.inquiry, self._limits.timeout_seconds
        if taken.in_full:
            self._recognise(target, inquiry, printer_key(reading.identity))
            inquiry.plan.review(self._clock.now(), fingerprint_of(reading.identity))
        inquiry.plan.silent_polls = 0
        *_, slower, slowest = (0.0, 0.0, *sorted(inquiry.answer_seconds))
        if slower > usual:  # two of them: a single one may be a lost datagram that was sent again
            inquiry.plan.learn_timeout(min(2 * slowest, LONGEST_TIMEOUT_SECONDS))
        elif slowest < usual / 2:
            inquiry.plan.learn_timeout(None)
        self.memory.save()

    def _remember(self, target: Target, shape: Shape | None) -> None:
        if shape is None:
            return
        self._shapes.pop(target, None)
        while len(self._shapes) >= MAX_SHAPES:
            self._shapes.pop(next(iter(self._shapes)))
        self._shapes[target] = shape


def _forget_unnamed(answers: Answers, profile: Profile | None) -> None:
    if profile is not None:
        keep_named_rows(answers, profile)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one printer answered, and how it was asked."""

    answers: Answers
    profile: Profile | None
    at: datetime
    inquiry: Inquiry
    in_full: bool = False


def _told_name(target: Target, taken: "_Taken") -> str | None:
    """The name of the set that was answered, as a reading tells it."""
    name = taken.inquiry.plan.credentials
    return next((each.told_name for each in target.credentials if each.name == name), None)


def new_reading_id(now: datetime) -> str:
    """``rdg_`` and a ULID in lower case: milliseconds since 1970 in ten symbols, 80 random bits in sixteen."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    symbols = [ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5)]
    return f"rdg_{''.join(symbols).lower()}"
