"""Settings that resolve down the tree: organisation, site, then printer or agent; the nearest explicit counts (ENT-02).

The registry says all there is to know of each; `resolve` is pure. Accounts writes what is explicit, everybody else
reads it through `AccountsDirectory.explicit_settings`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.directory import keys


class Level(StrEnum):
    """Where a setting can be explicit. Those of an agent are not inherited by its printers (ENT-02)."""

    ORGANIZATION = "organization"
    SITE = "site"
    PRINTER = "printer"
    AGENT = "agent"


class SettingName(StrEnum):
    """Every setting there is."""

    POLL_INTERVAL = "poll_interval_minutes"
    HEARTBEAT_INTERVAL = "heartbeat_interval_minutes"
    DISCOVERY_INTERVAL = "discovery_interval_hours"
    SILENCE_STALE = "silence_stale_days"
    SILENCE_EXCEPTION = "silence_exception_days"
    SILENCE_LOST = "silence_lost_days"
    FLOOR_PERCENT = "order_floor_percent"
    RESERVE_PERCENT = "order_reserve_percent"
    EXTRA_COVER = "order_extra_cover_days"
    REPEAT_HOLD = "order_repeat_hold_days"


_OF_AGENTS: Final = (Level.ORGANIZATION, Level.SITE, Level.AGENT)
_OF_SITES: Final = (Level.ORGANIZATION, Level.SITE)
_OF_PRINTERS: Final = (Level.ORGANIZATION, Level.SITE, Level.PRINTER)


AUTOMATIC: Final = 0
"""The value of a setting that is left to Platen."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A setting: whole numbers from ``least`` to ``most`` in its unit, where it may be explicit, what it does.

    One that ``may_be_automatic`` may be `AUTOMATIC` too.
    """

    name: SettingName
    default: int
    least: int
    most: int
    unit: str
    levels: tuple[Level, ...]
    meaning: str
    may_be_automatic: bool = False

    def allows(self, value: int) -> bool:
        """Whether it may be that."""
        return self.least <= value <= self.most or (self.may_be_automatic and value == AUTOMATIC)

    @property
    def bounds(self) -> str:
        """What it may be, in words."""
        return f"{self.least} to {self.most}" + (f", or {AUTOMATIC}: automatic" if self.may_be_automatic else "")


DEFINITIONS: Final[Mapping[SettingName, Definition]] = {
    each.name: each
    for each in (
        Definition(
            SettingName.POLL_INTERVAL,
            *(15, 5, 1_440, "minutes", _OF_AGENTS),
            "How often an agent reads its printers.",
        ),
        Definition(
            SettingName.HEARTBEAT_INTERVAL,
            *(AUTOMATIC, 15, 1_440, "minutes", _OF_AGENTS),
            "How often an agent reports pages, levels and that nothing changed; 0: hourly, less often where it reads "
            "few printers. It is silent when late by two of these, or by two hours where that is less.",
            may_be_automatic=True,
        ),
        Definition(
            SettingName.DISCOVERY_INTERVAL,
            *(24, 1, 168, "hours", _OF_AGENTS),
            "How often an agent looks for new printers.",
        ),
        Definition(
            SettingName.SILENCE_STALE,
            *(3, 1, 365, "days", _OF_SITES),
            "A printer not read for so long is silent: that is told, and its supplies orders are held (SUP-30).",
        ),
        Definition(
            SettingName.SILENCE_EXCEPTION,
            *(7, 1, 365, "days", _OF_SITES),
            "A silent printer is an exception to be looked after; at least a day after `silence_stale_days` (SUP-30).",
        ),
        Definition(
            SettingName.SILENCE_LOST,
            *(30, 1, 365, "days", _OF_SITES),
            "A silent printer counts as lost; at least a day after `silence_exception_days` (SUP-30).",
        ),
        Definition(
            SettingName.FLOOR_PERCENT,
            *(5, 1, 50, "percent", _OF_PRINTERS),
            "The level at which a cartridge is ordered whatever the forecast says (SUP-14, T2).",
        ),
        Definition(
            SettingName.RESERVE_PERCENT,
            *(3, 0, 30, "percent", _OF_PRINTERS),
            "What a cartridge should still hold when the next one arrives (SUP-14, T1).",
        ),
        Definition(
            SettingName.EXTRA_COVER,
            *(0, 0, 60, "days", _OF_PRINTERS),
            "Days that a cartridge must last beyond the fulfilment partner's lead time: more order sooner (SUP-15).",
        ),
        Definition(
            SettingName.REPEAT_HOLD,
            *(14, 0, 60, "days", _OF_PRINTERS),
            "How long after an order the next one for the same position waits for a person (SUP-19).",
        ),
    )
}


RISING: Final = (SettingName.SILENCE_STALE, SettingName.SILENCE_EXCEPTION, SettingName.SILENCE_LOST)
"""Each is more than the one before it, as far as they are set at the same place."""


@dataclass(frozen=True, slots=True)
class Explicit:
    """What is explicit at one place of the tree."""

    level: Level
    entity_id: str
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A setting as it is in force; ``source`` is None for the default."""

    name: SettingName
    value: int
    source: Explicit | None


def resolve(chain: Sequence[Explicit]) -> dict[SettingName, Resolved]:
    """Every setting at the end of a chain that goes from the root down: the last explicit one counts (ENT-02)."""
    found = {name: Resolved(name, definition.default, None) for name, definition in DEFINITIONS.items()}
    for explicit in chain:
        found |= {
            SettingName(name): Resolved(SettingName(name), value, explicit)
            for name, value in explicit.values.items()
            if name in DEFINITIONS
        }
    return found


def values_of(chain: Sequence[Explicit]) -> dict[SettingName, int]:
    """The values in force at the end of a chain."""
    return {name: each.value for name, each in resolve(chain).items()}


def places_of(
    organization_path: str, site_id: str | None = None, leaf: tuple[Level, str] | None = None
) -> list[tuple[Level, str]]:
    """The places that something inherits from, the root first and itself last."""
    places = [(Level.ORGANIZATION, each) for each in organization_path.strip("/").split("/")]
    if site_id is not None:
        places.append((Level.SITE, site_id))
    return [*places, leaf] if leaf else places


def in_order(places: Iterable[tuple[Level, str]], items: Iterable[Mapping[str, object]]) -> list[Explicit]:
    """Stored items, in whatever order they were read, as the chain of the places."""
    found = {(item["level"], item["entity_id"]): item["values"] for item in items}
    return [
        Explicit(level, entity_id, {str(name): int(value) for name, value in dict(values).items()})  # type: ignore[call-overload] # a stored map of numbers
        for level, entity_id in places
        if (values := found.get((level.value, entity_id)))
    ]


def key_of(tenant_id: str, place: tuple[Level, str]) -> tuple[str, str]:
    """Where what is explicit at a place is kept (accounts)."""
    return keys.tenant(tenant_id), keys.explicit_settings(place[0].value, place[1])
