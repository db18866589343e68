"""How one printer is best asked: what was learnt of it, so that no later reading pays for it again.

Nothing in here is secret: a credential set is known by its name.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self

from edge.snmp.codec import Oid
from edge.snmp.oids import dotted, parse_oid

MOST_NAMES: Final = 64
MOST_BINDINGS: Final = 56
REPLY_OCTETS: Final = 1_380
LEAST_REPLY_OCTETS: Final = 200
ASKED_AGAIN_AFTER: Final = timedelta(days=7)
MOST_SKIPPED: Final = 64
LONGEST_TIMEOUT_SECONDS: Final = 30.0
_LONGEST_NAME: Final = 128


@dataclass(slots=True)
class AccessPlan:
    """What suits one printer. Limits only shrink while it is read; they are dropped as a whole after a week.

    Attributes:
        credentials: name of the credential set that it answered to; None when none has.
        signed: name of the v3 set that it ever answered to: whoever makes it seem to refuse that, as anybody on the
            way can, must not have it asked in clear text for good.
        bulk: whether it answers GETBULK.
        most_names: variables that one request may name.
        most_bindings: variables that one GETBULK reply may hold: repetitions times columns.
        reply_octets: size of a reply that it can send.
        timeout_seconds: wait for one reply, where the site's own is too short; None where it is not.
        skipped: objects and columns that make it fall silent or fail, and since when they are left out.
        learnt_at: when the first of these limits was learnt; None while there is none.
        fingerprint: of the model and firmware that they were learnt of.
        silent_polls: readings in a row that it left unanswered.
        others_tried_at: when sets beside ``credentials`` were last tried in vain.
        changed: whether there is something to keep on disk.
    """

    credentials: str | None = None
    signed: str | None = None
    bulk: bool = True
    most_names: int = MOST_NAMES
    most_bindings: int = MOST_BINDINGS
    reply_octets: int = REPLY_OCTETS
    timeout_seconds: float | None = None
    skipped: dict[Oid, datetime] = field(default_factory=dict)
    learnt_at: datetime | None = None
    fingerprint: str | None = None
    silent_polls: int = 0
    others_tried_at: datetime | None = None
    changed: bool = False

    def learn(self, now: datetime, **limits: bool | float) -> None:
        """Keep limits by their names. Safe to repeat: the same limits change nothing."""
        for name, limit in limits.items():
            if getattr(self, name) != limit:
                setattr(self, name, limit)
                self.changed = True
        self.learnt_at = self.learnt_at or now

    def learn_reply_octets(self, now: datetime, octets: int) -> None:
        """Keep a size that replies must stay below."""
        self.learn(now, reply_octets=max(LEAST_REPLY_OCTETS, min(self.reply_octets, octets)))

    def learn_timeout(self, seconds: float | None) -> None:
        """Keep the wait that the printer needs; None where the site's own is enough."""
        if self.timeout_seconds is None or seconds is None or seconds > self.timeout_seconds:
            self.changed = self.changed or self.timeout_seconds != seconds
            self.timeout_seconds = seconds

    def skip(self, name: Oid, now: datetime) -> None:
        """Leave an object out from now on; the oldest of too many is asked for again."""
        while len(self.skipped) >= MOST_SKIPPED:
            self.skipped.pop(min(self.skipped, key=lambda each: self.skipped[each]))
        self.skipped[name] = now
        self.learnt_at = self.learnt_at or now
        self.changed = True

    def answers_to(self, credentials: str, *, signed: bool = False) -> None:
        """Keep the name of the set that worked, and whether it is one of v3."""
        ever_signed = credentials if signed else self.signed
        if (self.credentials, self.signed) != (credentials, ever_signed):
            self.credentials, self.signed = credentials, ever_signed
            self.changed = True
        self.silent_polls = 0
        self.others_tried_at = None

    def skips_within(self, column: Oid) -> bool:
        """Whether some of a column's cells are left out, so that it cannot be walked."""
        size = len(column)
        return any(name[:size] == column for name in self.skipped)

    def review(self, now: datetime, fingerprint: str | None = None) -> None:
        """Drop what is old, or was learnt of another model or firmware: the printer is tried again.

        Args:
            now: the time.
            fingerprint: of the model and firmware just read; None when they are not known yet.
        """
        other = None not in {fingerprint, self.fingerprint} and fingerprint != self.fingerprint
        if self.learnt_at is not None and (other or not timedelta() <= now - self.learnt_at < ASKED_AGAIN_AFTER):
            fresh = AccessPlan()
            self.bulk, self.most_names, self.most_bindings = fresh.bulk, fresh.most_names, fresh.most_bindings
            self.reply_octets, self.skipped, self.learnt_at = fresh.reply_octets, {}, None
            self.changed = True
        if fingerprint is not None and fingerprint != self.fingerprint:
            self.fingerprint = fingerprint
            self.changed = True

    def as_row(self) -> dict[str, Any]:
        """What is worth keeping, as JSON; what is as usual is left out."""
        usual = AccessPlan()
        kept = (
            "credentials",
            "signed",
            "bulk",
            "most_names",
            "most_bindings",
            "reply_octets",
            "timeout_seconds",
            "fingerprint",
        )
        row = {name: getattr(self, name) for name in kept if getattr(self, name) != getattr(usual, name)}
        if self.learnt_at is not None:
            row["learnt_at"] = self.learnt_at.isoformat()
        if self.skipped:
            row["skipped"] = {dotted(name): since.isoformat() for name, since in self.skipped.items()}
        return row

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """`as_row` back again.

        Raises:
            ValueError, TypeError, KeyError, AttributeError: it is not one.
        """
        timeout = row.get("timeout_seconds")
        learnt_at = row.get("learnt_at")
        return cls(
            credentials=_text_or_none(row.get("credentials")),
            signed=_text_or_none(row.get("signed")),
            bulk=bool(row.get("bulk", True)),
            most_names=_within(row.get("most_names", MOST_NAMES), MOST_NAMES),
            most_bindings=_within(row.get("most_bindings", MOST_BINDINGS), MOST_BINDINGS),
            reply_octets=max(LEAST_REPLY_OCTETS, _within(row.get("reply_octets", REPLY_OCTETS), REPLY_OCTETS)),
            timeout_seconds=None if timeout is None else min(LONGEST_TIMEOUT_SECONDS, max(0.1, float(timeout))),
            skipped=dict(list(_skipped(row.get("skipped", {})))[:MOST_SKIPPED]),
            learnt_at=None if learnt_at is None else _time(learnt_at),
            fingerprint=_text_or_none(row.get("fingerprint")),
        )


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)[:_LONGEST_NAME]


def _within(value: object, most: int) -> int:
    return min(most, max(1, int(str(value))))


def _skipped(entries: dict[str, str]) -> list[tuple[Oid, datetime]]:
    return [(parse_oid(name), _time(since)) for name, since in entries.items()]


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment
