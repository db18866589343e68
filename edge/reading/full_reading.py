"""A printer read in full: what is asked when nothing, or nothing certain, is known of its tables."""

import contextlib
from datetime import datetime

from edge.clock import Clock
from edge.profiles.makers import Profile, load_profiles
from edge.reading.identity import object_id, profile_of
from edge.reading.inquiry import Inquiry
from edge.reading.plan import (
    ALERT_GROUP,
    COUNTER_TABLE_ROWS,
    FINISHER_GROUP,
    HARDWARE_ADDRESSES,
    PROBE,
    TABLE_GROUPS,
    TableGroup,
    follow_up_cells,
    printer_device_index,
)
from edge.reading.walk import Walk, get_cells, is_there, name_before, take_cells, take_first_rows
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Binding, Oid
from edge.snmp.session import BudgetSpent, MalformedReply, NoAnswer


def take_probe(found: dict[Oid, Binding], answers: Answers) -> Profile | None:
    """Keep the answer to the probe; gives the maker's profile as far as it tells."""
    take_first_rows(PROBE, found, answers)
    answers.device_index = printer_device_index(answers)
    answers.has_printer_mib = any(
        name[: len(oids.PRINTER_MIB)] == oids.PRINTER_MIB and is_there(value) for name, value in found.values()
    )
    return profile_of(answers)


async def read_tables(
    inquiry: Inquiry, answers: Answers, profile: Profile | None, clock: Clock
) -> tuple[Profile | None, datetime, bool]:
    """Read everything beyond the probe, as far as the printer lets us.

    Returns:
        The maker's profile, the reading's time, and whether all was asked that there is to ask. Rows of the maker's
        tables that no counter names are then still there.
    """
    taken_at = clock.now()
    with contextlib.suppress(NoAnswer, MalformedReply, BudgetSpent):  # what was answered so far is the reading
        profile = profile or await identified(inquiry, answers)
        walk = Walk(inquiry, answers)
        first, *others = groups_of(answers, profile)
        await _private_objects(inquiry, walk, first, answers, profile)
        printer_tables = len(TABLE_GROUPS) - 1 if answers.has_printer_mib else 0
        for group in others[:printer_tables]:
            await walk.begin(group.columns, group.rows)
        if answers.has_printer_mib:
            taken_at = await begin_alerts(walk, answers, ALERT_GROUP.rows, clock)
        for group in others[printer_tables:]:
            await walk.begin(group.columns, group.rows)
        await walk.finish()
        return profile, taken_at, True
    return profile, taken_at, False


def groups_of(answers: Answers, profile: Profile | None) -> list[TableGroup]:
    """The tables of a printer, alerts apart, by what the probe told."""
    groups = list(TABLE_GROUPS) if answers.has_printer_mib else [HARDWARE_ADDRESSES]
    if oids.FIN_SUPPLY_CLASS in answers.columns:
        groups.append(FINISHER_GROUP)
    if profile is not None and profile.columns():
        groups.append(TableGroup(tuple(profile.columns()), COUNTER_TABLE_ROWS))
    return groups


def single_cells(answers: Answers, profile: Profile | None) -> list[tuple[Oid, Oid]]:
    """Cells (column, index) to be asked for one by one: what the profile asks for and what the probe left open."""
    cells = follow_up_cells(answers)
    cells.extend((name, ()) for name in (profile.oids() if profile else ()) if name not in answers.columns)
    return cells


async def begin_alerts(walk: Walk, answers: Answers, rows: int, clock: Clock) -> datetime:
    """Ask for the alerts together with sysUpTime: the time of that reply is the reading's time (ALR-03)."""
    found = await walk.begin(ALERT_GROUP.columns, rows, lead=(oids.SYS_UP_TIME,))
    name, value = found.get(oids.SYS_UP_TIME, ((), None))
    answers.uptime_with_alerts = value if name == (*oids.SYS_UP_TIME, 0) and isinstance(value, int) else None
    return clock.now()


async def identified(inquiry: Inquiry, answers: Answers) -> Profile | None:
    """The profile of a printer without a system group: by an object that only its maker's printers answer."""
    if object_id(answers) is not None:
        return None
    asked = {known.identify: known for known in load_profiles() if known.identify is not None}
    await get_cells(inquiry, [(name, ()) for name in asked], answers)
    return next((known for name, known in asked.items() if answers.cell(name, ()) is not None), None)


async def _private_objects(
    inquiry: Inquiry, walk: Walk, group: TableGroup, answers: Answers, profile: Profile | None
) -> None:
    """Read what the profile asks for and what the probe left open, together with the first table's first rows."""
    cells = single_cells(answers, profile)
    names = {name_before(column + index): (column, index) for column, index in cells}
    found = await walk.begin(group.columns, group.rows, lead=list(names))
    take_cells(names, found, answers)
    rest = [cell for cell in cells if cell not in names.values()]  # two that follow the same name
    if rest:
        await get_cells(inquiry, rest, answers)
