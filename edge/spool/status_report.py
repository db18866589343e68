"""The state of the agent and its printers as `platen-agent status` tells it, from one connection that only reads."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.spool.status import Stage, facts_of
from edge.spool.traffic import DayTraffic, traffic_of

_DROPPED = "dropped_"
_SINCE = {Stage.SPOOLED: "spooled_at", Stage.SENT: "spooled_at", Stage.ACKNOWLEDGED: "acknowledged_at"}


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """One printer's line in the status.

    Attributes:
        target: where it is, or was last.
        also_at: further addresses at which the same printer answers.
        stage: how far it came, the last time.
        reason: why it stopped there; None when nothing is wrong.
        since: since when it is so (ISO-8601, UTC).
        answered_by: protocol, version and the name of the credential set that it answered to.
    """

    target: str
    also_at: tuple[str, ...]
    manufacturer: str | None
    model: str | None
    serial_number: str | None
    stage: str
    reason: str | None
    since: str | None
    answered_by: str | None
    read_at: str | None
    acknowledged_at: str | None


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """The state of the agent as a whole; ``queued`` counts readings not yet acknowledged.

    ``spooled`` and ``acknowledged`` count from the making of this spool: what was spooled is acknowledged,
    queued, dropped or rejected.
    """

    spooled: int
    acknowledged: int
    queued: int
    queued_bytes: int
    oldest_queued_at: str | None
    dropped: int
    dropped_for: Mapping[str, int]
    dead_letters: int
    spools_set_aside: int
    last_upload_at: str | None
    last_upload_error: str | None
    facts: Mapping[str, str]
    traffic: list[DayTraffic]
    printers: list[PrinterStatus]


def number_in(facts: Mapping[str, str], name: str) -> int:
    """A fact that is a count; 0 when it is not there or not legible."""
    value = facts.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() else 0


def dropped_in(facts: Mapping[str, str]) -> int:
    """How many readings this spool has given up, for whatever reason."""
    return sum(number_in(facts, name) for name in facts if name.startswith(_DROPPED))


def agent_status(connection: sqlite3.Connection) -> AgentStatus:
    """Everything the spool knows. A spool of an older agent is understood after that agent's successor has run."""
    queued, queued_bytes, oldest = connection.execute(
        "SELECT count(*), coalesce(sum(bytes), 0), min(taken_at) FROM readings"
    ).fetchone()
    facts = facts_of(connection)
    upload_error = facts.get("last_upload_error") or None
    return AgentStatus(
        spooled=connection.execute(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'readings'"
        ).fetchone()[0],
        acknowledged=number_in(facts, "acknowledged"),
        queued=queued,
        queued_bytes=queued_bytes,
        oldest_queued_at=oldest,
        dropped=dropped_in(facts),
        dropped_for={
            name.removeprefix(_DROPPED): number_in(facts, name) for name in facts if name.startswith(_DROPPED)
        },
        dead_letters=connection.execute("SELECT count(*) FROM dead_letters").fetchone()[0],
        spools_set_aside=number_in(facts, "set_aside"),
        last_upload_at=facts.get("last_upload_at"),
        last_upload_error=upload_error,
        traffic=traffic_of(connection),
        facts={name: value for name, value in facts.items() if value},
        printers=_printers(connection, upload_error),
    )


def _printers(connection: sqlite3.Connection, upload_error: str | None) -> list[PrinterStatus]:
    cursor = connection.execute("SELECT * FROM printers ORDER BY target IS NULL, last_target, printer")
    names = [column[0] for column in cursor.description]
    return [_printer_status(dict(zip(names, row, strict=True)), upload_error) for row in cursor]


def _printer_status(row: Mapping[str, Any], upload_error: str | None) -> PrinterStatus:
    stage, reason = row["failure_stage"] or row["stage"], row["reason"]
    since = row["failing_since"] if row["failure_stage"] else row[_SINCE.get(stage, "read_at")]
    if row["failure_stage"] is None and reason is None and stage in {Stage.SPOOLED, Stage.SENT}:
        reason = upload_error
    return PrinterStatus(
        target=row["last_target"],
        also_at=tuple(row["seconds"].split()),
        manufacturer=row["manufacturer"],
        model=row["model"],
        serial_number=row["serial_number"],
        stage=stage,
        reason=reason,
        since=since or row["seen_at"],
        answered_by=row["answered_by"],
        read_at=row["read_at"],
        acknowledged_at=row["acknowledged_at"],
    )
