"""Reads printers: one socket for all, each printer within its limits, a fault of one never touching another."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from typing import Final, Self

from pydantic import ValidationError

from edge import oids
from edge.answers import Answers
from edge.clock import Clock
from edge.discovery import sweep
from edge.identity import object_id, profile_of
from edge.maker_counters import keep_named_rows
from edge.plan import (
    ALERT_GROUP,
    COUNTER_TABLE_ROWS,
    HARDWARE_ADDRESSES,
    PROBE,
    TABLE_GROUPS,
    follow_up_cells,
    printer_device_index,
)
from edge.printer import compose
from edge.profiles import Profile, load_profiles
from edge.session import BudgetSpent, MalformedReply, NoAnswer, ReaderLimits, Session
from edge.shape import LEAST_REPLY_OCTETS, REPLY_OCTETS, ReplyTooBig, Shape, ShapeChanged, learn, read_cells
from edge.snmp_codec import Absent, Reply
from edge.targets import Target
from edge.transport import Pacer, Transport, UnknownHost
from edge.walk import Walk, first_rows, get_cells, name_before, take_cells
from shared.wire.codes import ALPHABET
from shared.wire.reading import PrinterReading

__all__ = ["ReadError", "Reader", "ReaderLimits"]

MAX_SHAPES: Final = 8_192


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
    """

    def __init__(
        self, clock: Clock, *, limits: ReaderLimits | None = None, rate_limit_pps: float | None = None
    ) -> None:
        self._clock = clock
        self._limits = limits or ReaderLimits()
        self._transport = Transport(rate_limit_pps=rate_limit_pps)
        self._shapes: dict[Target, Shape] = {}
        self._reply_octets: dict[Target, int] = {}

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
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
        session = Session(self._transport, address, target.community, self._limits)
        try:
            answers, profile, taken_at = await self._known(target, session) or await self._in_full(target, session)
        except NoAnswer as error:
            raise ReadError(target, "answer", f"{error}; is it switched on, and is the community right?") from error
        except (MalformedReply, BudgetSpent) as error:
            raise ReadError(target, "decode", f"cannot read its answer: {error}") from error
        try:
            return compose(
                answers, profile, reading_id=new_reading_id(taken_at), taken_at=taken_at, address=str(target)
            )
        except ValidationError as error:
            self._shapes.pop(target, None)
            fields = sorted({".".join(map(str, problem["loc"])) for problem in error.errors()})
            raise ReadError(target, "map", f"its {', '.join(fields)} cannot be kept in a reading") from error

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

    async def _known(self, target: Target, session: Session) -> tuple[Answers, Profile | None, datetime] | None:
        """A reading by the shape known of the printer; None when there is none or it does not fit."""
        shape = self._shapes.get(target)
        if shape is None or shape.readings_left <= 0:
            return None
        del self._shapes[target]  # kept again when it still fits
        try:
            answers = await read_cells(session, shape)
        except ReplyTooBig:
            known = self._reply_octets.get(target, REPLY_OCTETS)
            self._reply_octets[target] = max(LEAST_REPLY_OCTETS, known // 2)
            return None
        except (ShapeChanged, MalformedReply):
            return None
        walk = Walk(session, answers)
        taken_at = self._clock.now()
        with contextlib.suppress(NoAnswer, BudgetSpent):  # its alerts are then None: not read to their end
            taken_at = await self._alerts(walk, answers, shape.alert_rows_to_ask)
            await walk.finish()
            shape.alert_rows = len(answers.indexes(ALERT_GROUP.columns))
        self._remember(target, shape)
        return answers, shape.profile, taken_at

    async def _in_full(self, target: Target, session: Session) -> tuple[Answers, Profile | None, datetime]:
        answers = Answers()
        await _first_rows(session, answers)
        profile = profile_of(answers)
        taken_at = self._clock.now()
        try:
            profile = profile or await identified(session, answers)
            walk = Walk(session, answers)
            await _private_objects(session, walk, answers, profile)
            if answers.has_printer_mib:
                for group in TABLE_GROUPS[1:]:
                    await walk.begin(group.columns, group.rows)
                taken_at = await self._alerts(walk, answers, ALERT_GROUP.rows)
            if profile is not None and profile.counter_tables:
                await walk.begin(profile.columns(), COUNTER_TABLE_ROWS)
            await walk.finish()
            if profile is not None:
                keep_named_rows(answers, profile)
            reply_octets = self._reply_octets.get(target, REPLY_OCTETS)
            self._remember(target, learn(answers, profile, session, reply_octets))
        except (NoAnswer, MalformedReply, BudgetSpent):
            pass  # what was answered so far is the reading
        return answers, profile, taken_at

    async def _alerts(self, walk: Walk, answers: Answers, rows: int) -> datetime:
        """Ask for the alerts together with sysUpTime: the time of that reply is the reading's time (ALR-03)."""
        reply = await walk.begin(ALERT_GROUP.columns, rows, lead=(oids.SYS_UP_TIME,))
        answers.uptime_with_alerts = _uptime_in(reply)
        return self._clock.now()

    def _remember(self, target: Target, shape: Shape | None) -> None:
        if shape is None:
            return
        self._shapes.pop(target, None)
        while len(self._shapes) >= MAX_SHAPES:
            self._shapes.pop(next(iter(self._shapes)))
        self._shapes[target] = shape


def new_reading_id(now: datetime) -> str:
    """``rdg_`` and a ULID in lower case: milliseconds since 1970 in ten symbols, 80 random bits in sixteen."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    symbols = [ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5)]
    return f"rdg_{''.join(symbols).lower()}"


async def _first_rows(session: Session, answers: Answers) -> None:
    seen = await first_rows(session, PROBE, answers)
    answers.device_index = printer_device_index(answers)
    answers.has_printer_mib = any(
        name[: len(oids.PRINTER_MIB)] == oids.PRINTER_MIB and not isinstance(value, Absent) for name, value in seen
    )


async def identified(session: Session, answers: Answers) -> Profile | None:
    """The profile of a printer without a system group: by an object that only its maker's printers answer."""
    if object_id(answers) is not None:
        return None
    asked = {known.identify: known for known in load_profiles() if known.identify is not None}
    await get_cells(session, [(name, ()) for name in asked], answers)
    return next((known for name, known in asked.items() if answers.cell(name, ()) is not None), None)


async def _private_objects(session: Session, walk: Walk, answers: Answers, profile: Profile | None) -> None:
    """Read what the profile asks for and what the probe left open, together with the first table's first rows."""
    cells = follow_up_cells(answers)
    cells.extend((name, ()) for name in (profile.oids() if profile else ()) if name not in answers.columns)
    group = TABLE_GROUPS[0] if answers.has_printer_mib else HARDWARE_ADDRESSES
    reply = await walk.begin(group.columns, group.rows, lead=[name_before(column + index) for column, index in cells])
    if reply is not None:
        take_cells(cells, reply.bindings, answers)
    elif cells:
        await get_cells(session, cells, answers)


def _uptime_in(reply: Reply | None) -> int | None:
    if reply is None or not reply.bindings:
        return None
    name, value = reply.bindings[0]
    return value if name == (*oids.SYS_UP_TIME, 0) and isinstance(value, int) else None
