"""Checks a profile before it is used: what nobody has confirmed of it, and what it makes of a recording."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.profiles.counter_names import TOTAL_IMPRESSIONS
from edge.profiles.makers import in_place
from edge.profiles.schema import Profile
from edge.profiles.terms import Claim
from edge.reading.printer import compose
from edge.recordings.recorded_answers import add_private, answers_of, recognised
from edge.recordings.recording import Rows
from edge.snmp import oids
from edge.snmp.codec import Oid
from shared.wire.reading import LIFE_COUNT, MissingReason, PrinterReading

_READING_ID: Final = "rdg_check"
_TOTALS: Final = (TOTAL_IMPRESSIONS, LIFE_COUNT)
_SUMS: Final = (
    (("mono_impressions", "color_impressions"), _TOTALS),
    (("print_impressions", "copy_impressions", "fax_impressions"), _TOTALS),
    (("print_mono_impressions", "print_color_impressions"), ("print_impressions",)),
    (("copy_mono_impressions", "copy_color_impressions"), ("copy_impressions",)),
    (("large_mono_impressions", "large_color_impressions"), ("large_impressions",)),
    (("scan_mono_count", "scan_color_count"), ("scan_count",)),
)
"""Counters that ought to add up, and the totals they ought to add up to."""
_LEFT_OUT: Final = {"host_name": oids.SYS_NAME, "location": oids.SYS_LOCATION}
"""What every printer has (RFC 3418) and a recording leaves out: that it is not there says nothing of the printer."""


@dataclass(frozen=True, slots=True)
class Yielded:
    """What a profile makes of a recording.

    Attributes:
        reading: the whole reading with this profile.
        taken_by: the name of the profile that the reader would take, None when none.
        recognised: the reader would take the checked profile.
        unanswered: private objects and columns that the recording does not have.
        sums: counters that ought to add up, and whether they do.
    """

    reading: PrinterReading
    taken_by: str | None
    recognised: bool
    unanswered: tuple[Oid, ...]
    sums: tuple[str, ...]


def unconfirmed(profile: Profile) -> list[str]:
    """The claims that no recording has confirmed, by what they are about."""
    return list(dict.fromkeys(what for what, claim in claims_of(profile) if not claim.confirmed))


def claims_of(profile: Profile) -> list[tuple[str, Claim]]:
    """Every claim of a profile with what it is about."""
    claims: list[tuple[str, Claim]] = [
        (f"{key}: {oids.dotted(source.oid)}", source.claim)
        for key in ("model", "serial_number", "firmware", "asset_tag", "console_text")
        for source in getattr(profile, key)
    ]
    claims += [(f"counters: {counter.name}", counter.claim) for counter in profile.counters]
    claims += [
        (f"counter_tables: {counter.name}", counter.claim)
        for table in profile.counter_tables
        for counter in table.counters
    ]
    claims += [
        (f"supplies: {' '.join(filter(None, (each.colorant, each.part, each.gives)))}", each.claim)
        for each in profile.supplies
    ]
    claims += [(f"supply_tables: {table.part}", table.claim) for table in profile.supply_tables]
    claims += [(f"level_meanings: {rule.level} means {rule.means}", rule.claim) for rule in profile.level_meanings]
    claims += profile.claims.items()
    return claims


def yielded(profile: Profile, rows: Rows, *, now: datetime) -> Yielded:
    """Read a recording with a profile, as the agent would.

    Args:
        profile: the profile, in place of the package's one of that manufacturer.
        rows: the recording.
        now: dates the reading.
    """
    values = {name: row.value for name, row in rows.items()}
    with in_place(profile):
        answers = answers_of(values)
        taken = recognised(answers, values)
        add_private(answers, profile, values)
        reading = compose(answers, profile, reading_id=_READING_ID, taken_at=now, address="recording")
    left_out = {what: MissingReason.HIDDEN for what, column in _LEFT_OUT.items() if answers.octets(column) is None}
    reading = reading.model_copy(update={"missing": reading.missing | left_out})
    silent = [name for name in profile.oids() if name not in values]
    silent += [column for column in profile.columns() if not answers.column(column)]
    return Yielded(
        reading=reading,
        taken_by=taken.name if taken else None,
        recognised=taken is profile,
        unanswered=tuple(silent),
        sums=tuple(_sums(reading)),
    )


def _sums(reading: PrinterReading) -> list[str]:
    """Mono and colour, and the functions, against each total that the printer tells."""
    value = {counter.name: counter.value for counter in reversed(reading.counters or [])}
    lines = []
    for parts, totals in _SUMS:
        told = [part for part in parts if part in value]
        for total in totals:
            if total in value and len(told) > 1:
                summed = sum(value[part] for part in told)
                verdict = "which is" if summed == value[total] else "which is not"
                lines.append(f"{' + '.join(told)} = {summed}, {verdict} {total} ({value[total]})")
    return lines
