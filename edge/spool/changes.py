"""Report by exception (design D7): which readings are worth sending. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from pydantic import BaseModel

from edge.spool.thresholds import is_mark, is_urgent, marks_of
from edge.spool.whole import WholeReading, unchanged_reading
from shared.wire.reading import PrinterReading
from shared.wire.upload import UnchangedReading

ALERTS = "alerts"
MOVING_ALERT_FIELDS = frozenset({"raised_at"})
"""Derived from the time of the reading: differs by a second from one reading to the next."""
MOVING_STATUS_FIELDS = frozenset({"console_text"})
"""A panel scrolls and shows the time; its text travels with the next reported reading."""


QUIET = frozenset({"counters", "supplies"})
"""Facts that change with each page; a level that crosses a threshold is urgent all the same."""


class Cause(StrEnum):
    """Why a reading is sent."""

    FIRST = "first"
    CHANGED = "changed"
    HEARTBEAT = "heartbeat"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a printer is reported when nothing urgent happens.

    All printers of an agent keep one beat, whatever made the last report of each of them: an upload an interval tells
    of all. Without a beginning each keeps its own.

    Attributes:
        heartbeat_seconds: The longest time without a report, and the shortest between reports of pages and levels,
            but for the one that brings a printer back into the beat.
        poll_seconds: Between two readings of a printer: one that comes a little early is not put off by as much.
        began: When the beat began, aware; reports before it are only counted from.
    """

    heartbeat_seconds: float
    poll_seconds: float = 0.0
    began: datetime | None = None

    def is_due(self, reported_at: datetime, now: datetime) -> bool:
        """Whether a printer that was last reported then is to be reported now; a clock set back counts as passed."""
        elapsed = (now - reported_at).total_seconds()
        if not 0 <= elapsed < self.heartbeat_seconds - self.poll_seconds / 2:
            return True
        if self.began is None or reported_at < self.began:
            return False
        return self._beat(now, self.began) != self._beat(reported_at, self.began)

    def _beat(self, at: datetime, began: datetime) -> int:
        # Printers are read one after another: the beat changes half way between two polls, not in the midst of one.
        return int(((at - began).total_seconds() + self.poll_seconds / 2) // self.heartbeat_seconds)


@dataclass(frozen=True, slots=True)
class ReportedState:
    """What was last reported of a printer: a digest for each fact, when (real time), and the last whole reading."""

    facts: Mapping[str, str]
    reported_at: datetime
    whole: WholeReading | None = None

    def is_of_the_day(self, reading: PrinterReading) -> bool:
        """True when the last report is of the reading's day, by this host's calendar: pages belong to their day."""
        last = datetime.fromisoformat(self.whole.taken_at) if self.whole else self.reported_at
        return last.astimezone().date() == reading.taken_at.astimezone().date()

    def to_json(self) -> str:
        """As it is kept in the spool."""
        whole = {} if self.whole is None else {"whole": self.whole.as_kept()}
        return json.dumps({"facts": dict(self.facts), "reported_at": self.reported_at.isoformat(), **whole})

    @classmethod
    def from_json(cls, text: str) -> "ReportedState | None":
        """The reverse of `to_json`; None when the text is damaged: the printer is then reported anew."""
        try:
            value = json.loads(text)
            whole = WholeReading.from_kept(value["whole"]) if "whole" in value else None
            state = cls(dict(value["facts"]), datetime.fromisoformat(value["reported_at"]), whole)
        except (ValueError, TypeError, KeyError):
            return None
        return state if state.reported_at.tzinfo is not None else None


@dataclass(frozen=True, slots=True)
class Report:
    """A reading to send, and what is then known as reported; one that is urgent does not wait for others.

    ``unchanged`` stands in its place when it says what the cloud has stored already.
    """

    cause: Cause
    alerts_changed: bool
    state: ReportedState
    is_urgent: bool = False
    unchanged: UnchangedReading | None = None


def judge(previous: ReportedState | None, reading: PrinterReading, *, now: datetime, rhythm: Rhythm) -> Report | None:
    """Whether a reading is worth sending; None when it says nothing new.

    What was not read this time says nothing: a table that is None keeps what was reported of it. Trays, bins,
    covers and the panel's text travel with a reported reading but do not cause one. Pages and levels are reported
    once a beat of the ``rhythm`` however often they change, and the first time of a day, unless a level crosses a
    threshold; everything else at once.

    Args:
        previous: What was last reported of the printer at this address; None for the first reading.
        reading: The reading just taken.
        now: Real time, aware; the rhythm is measured by it.
        rhythm: How often there is to be a report.
    """
    facts = _facts(reading) | marks_of(reading)
    if previous is None:
        return Report(Cause.FIRST, bool(reading.alerts), ReportedState(facts, now, WholeReading.of(reading)))
    changed = {name for name, digest in facts.items() if previous.facts.get(name) != digest and not is_mark(name)}
    urgent = is_urgent(previous.facts, facts)
    may_wait = changed <= QUIET and not urgent and previous.is_of_the_day(reading)
    if (not changed or may_wait) and not rhythm.is_due(previous.reported_at, now):
        return None
    if not changed and (unchanged := unchanged_reading(reading, previous.whole)) is not None:
        state = ReportedState({**previous.facts, **facts}, now, previous.whole)
        return Report(Cause.HEARTBEAT, alerts_changed=False, state=state, unchanged=unchanged)
    cause = Cause.CHANGED if changed else Cause.HEARTBEAT
    state = ReportedState({**previous.facts, **facts}, now, WholeReading.of(reading))
    return Report(cause, ALERTS in changed, state, is_urgent=urgent)


def printer_key(reading: PrinterReading, target: str) -> str:
    """Groups the readings of one printer at one address in the spool."""
    identity = reading.identity
    return f"{identity.serial_number or identity.mac_address or ''}@{target}"


def day_of(reading: PrinterReading) -> str:
    """The UTC day a reading counts for when the spool must choose which to keep."""
    return reading.taken_at.astimezone(UTC).date().isoformat()


def _facts(reading: PrinterReading) -> dict[str, str]:
    facts = {"address": reading.address} if reading.address else {}
    facts |= _fields("identity", reading.identity, frozenset())
    facts |= _fields("status", reading.status, MOVING_STATUS_FIELDS)
    if reading.counters is not None:
        facts["counters"] = _digest(_rows(reading.counters, frozenset()))
    if reading.supplies is not None:
        facts["supplies"] = _digest(_rows(reading.supplies, frozenset()))
    if reading.alerts is not None:
        facts[ALERTS] = _digest(_rows(reading.alerts, MOVING_ALERT_FIELDS))
    return facts


def _fields(section: str, model: BaseModel, moving: frozenset[str]) -> dict[str, str]:
    values = model.model_dump(mode="json", exclude_none=True, exclude=set(moving))
    return {f"{section}.{name}": _digest(value) for name, value in values.items()}


def _rows(rows: Sequence[BaseModel], moving: frozenset[str]) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json", exclude_none=True, exclude=set(moving)) for row in rows]


def _digest(value: object) -> str:
    return blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=8).hexdigest()
