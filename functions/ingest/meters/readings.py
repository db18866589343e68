"""What a reading does to the state that is stored of its printer. Pure.

Each section (counters, supplies, alerts …) is a register of its own: the reading that was taken last and carried the
section wins. So any order, and any repetition, of the same readings ends in the same sections.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from pydantic import ValidationError

from shared.attributes import PACKED, Item
from shared.clock import key_time
from shared.directory.day import section_time
from shared.directory.meters import NEARLY, modulus_of
from shared.fault_texts import fault_text
from shared.tenancy import AgentCaller
from shared.wire.counters import VOLATILE
from shared.wire.reading import PrinterReading
from shared.wire.upload import Outcome, UnchangedReading

OLDEST: Final = timedelta(days=35)
FURTHEST_AHEAD: Final = timedelta(days=1)
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
STATE_SECTIONS: Final = ("status", "uptime_ticks", "counters", "supplies", "alerts")
MEDIA_SECTIONS: Final = ("inputs", "outputs", "covers")
_SECTIONS: Final = (*STATE_SECTIONS, *MEDIA_SECTIONS)
_STATE: Final = set(STATE_SECTIONS)
_MEDIA: Final = set(MEDIA_SECTIONS)
_TOGETHER: Final = [
    *STATE_SECTIONS,
    "section_at",
    "missing",
    "received_at",
    "boot_epoch",
    "counter_epoch",
    "clock_skewed",
    *("printer_id", "tenant_id", "organization_id", "organization_path", "site_id", "agent_id"),
]
_MAX_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Folded:
    """The item after a reading, and what became of the reading; the same item when nothing changed."""

    item: Item
    outcome: Outcome


def parse_reading(raw: object) -> tuple[PrinterReading | None, str]:
    """The reading, or None and a reason that names each wrong field and what it should be."""
    try:
        return PrinterReading.model_validate(raw), ""
    except ValidationError as error:
        return None, reason_of(error)


def reason_of(error: ValidationError) -> str:
    """The first wrong fields, each with what it should be."""
    named = [f"/{'/'.join(str(part) for part in each['loc'])}: {fault_text(each)}" for each in error.errors()[:5]]
    return "; ".join(named)[:_MAX_REASON]


def refusal_by_time(reading: PrinterReading | UnchangedReading, now: datetime) -> str | None:
    """Why a reading's time is not accepted, or None."""
    if reading.taken_at > now + FURTHEST_AHEAD:
        return "/taken_at: more than 1 day in the future; correct the clock of the agent's host and read again"
    if reading.taken_at < now - OLDEST:
        return "/taken_at: older than 35 days; such a reading can no longer be placed"
    return None


def placed_at(reading: PrinterReading | UnchangedReading, now: datetime) -> datetime:
    """The time a reading counts for: a clock that is ahead must not hold back the readings after it."""
    return now if reading.taken_at > now + CLOCK_TOLERANCE else reading.taken_at


def sections_of(reading: PrinterReading) -> dict[str, Any]:
    """What was read, section by section, as a state has it: without what is None or the default."""
    return reading.model_dump(mode="json", exclude_defaults=True, include=_STATE)


def media_of(reading: PrinterReading) -> dict[str, Any]:
    """What was read of trays, bins and covers, as it is stored: without what is None or the default."""
    return reading.model_dump(mode="json", exclude_defaults=True, include=_MEDIA)


def fold_state(  # noqa: PLR0913 - a reading, whose it is, and when
    state: Item | None,
    reading: PrinterReading,
    read: Mapping[str, Any],
    *,
    caller: AgentCaller,
    printer_id: str,
    now: datetime,
    at: datetime,
) -> Folded:
    """The printer's state after a reading, of which ``read`` are the `sections_of`, counted for ``at``.

    A reading with the id of the last one is a duplicate; an older one that brings no section newer than what is
    stored is superseded. A counter that decreased opens a new counter epoch (MTR-05), an uptime that went back a
    new boot epoch (ALR-03).
    """
    if state is not None and state["reading_id"] == reading.reading_id:
        return Folded(state, Outcome.DUPLICATE)
    stamp = key_time(at)
    before: Item = state or {"taken_at": "", "boot_epoch": 0, "counter_epoch": 0}
    folded = fold_sections(before, read, stamp)
    if folded is None:
        return Folded(before, Outcome.SUPERSEDED)
    folded[PACKED] = _TOGETHER
    rebooted = _is_lower(folded["uptime_ticks"], before.get("uptime_ticks")) if "uptime_ticks" in folded else False
    if rebooted:
        folded["boot_epoch"] = before["boot_epoch"] + 1
    cause = counter_break(before.get("counters"), folded.get("counters"), rebooted=rebooted)
    if cause:
        folded |= {
            "counter_epoch": before["counter_epoch"] + 1,
            "counter_epoch_cause": cause,
            "counter_epoch_at": stamp,
        }
    if stamp > before["taken_at"]:
        folded |= {
            "tenant_id": caller.tenant_id,
            "organization_id": caller.organization_id,
            "organization_path": caller.organization_path,
            "site_id": caller.site_id,
            "agent_id": caller.agent_id,
            "printer_id": printer_id,
            "reading_id": reading.reading_id,
            "received_at": key_time(now),
            "missing": {name: str(reason) for name, reason in reading.missing.items()},
            "clock_skewed": abs(reading.taken_at - at) > CLOCK_TOLERANCE,
        }
    return Folded(folded, Outcome.STORED)


def fold_media(media: Item | None, read: Mapping[str, Any], at: str, *, is_newest: bool) -> Item | None:
    """Trays, bins and covers after a reading, or None when it changes nothing of them; an older one only fills gaps."""
    before: Item = media or {"taken_at": ""}
    changed = {name: rows for name, rows in read.items() if name not in before or (is_newest and before[name] != rows)}
    return fold_sections(before, changed, at) if changed else None


def media_digest(reading: PrinterReading) -> str | None:
    """Equal for readings whose `media_of` are equal; None when they say nothing. States hold it: it never changes."""
    said = reading.model_dump_json(exclude_defaults=True, include=_MEDIA)
    return None if said == "{}" else blake2b(said.encode(), digest_size=8).hexdigest()


def fold_sections(before: Item, sections: Mapping[str, Any], at: str) -> Item | None:
    """``before`` with each section that is newer than the stored one; None when there is none and ``at`` is older.

    ``section_at`` holds the time of those sections only that are older than the item.
    """
    if at > before["taken_at"]:  # and so than every section
        kept = {name: section_time(before, name) for name in _SECTIONS if name in before and name not in sections}
        return {**before, **sections, "taken_at": at, "section_at": kept}
    newer = {name: sections[name] for name in _SECTIONS if name in sections and at > section_time(before, name)}
    if not newer:
        return None
    stamps = {name: section_time(before, name) for name in _SECTIONS if name in before} | dict.fromkeys(newer, at)
    older = {name: stamp for name, stamp in stamps.items() if stamp != before["taken_at"]}
    return {**before, **newer, "section_at": older}


def counter_break(before: list[Item] | None, after: list[Item] | None, *, rebooted: bool) -> str | None:
    """Why a lifetime counter seems to have decreased; None when none did. What it means is the ledger's to say.

    ``roll_over`` near a modulus, ``reset`` with a reboot, else ``unknown``.
    """
    previous = {(each["name"], each.get("marker")): each["value"] for each in before or []}
    for each in after or []:
        last = previous.get((each["name"], each.get("marker")))
        if last is None or each["value"] >= last or each["name"] in VOLATILE:
            continue
        modulus = modulus_of(last)
        if modulus is not None and each["value"] <= (1 - NEARLY) * modulus:
            return "roll_over"
        return "reset" if rebooted else "unknown"
    return None


def _is_lower(after: int, before: int | None) -> bool:
    return before is not None and after < before
