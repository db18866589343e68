"""What partners may set about ordering, as the rules use it (ENT-02)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from shared.directory.inherited import DEFINITIONS, SettingName

_DEFAULTS: Final = {name: definition.default for name, definition in DEFINITIONS.items()}


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """The order settings in force for a printer; without arguments the defaults."""

    floor_points: float = _DEFAULTS[SettingName.FLOOR_PERCENT]
    reserve_points: float = _DEFAULTS[SettingName.RESERVE_PERCENT]
    extra_cover_days: int = _DEFAULTS[SettingName.EXTRA_COVER]
    repeat_hold: timedelta = timedelta(days=_DEFAULTS[SettingName.REPEAT_HOLD])
    stale_after: timedelta = timedelta(days=_DEFAULTS[SettingName.SILENCE_STALE])
    """Then a reading is too old to send a cartridge by (SUP-30)."""
    lost_after: timedelta = timedelta(days=_DEFAULTS[SettingName.SILENCE_LOST])
    """Of silence: then no forecast says anything of a printer any more (SUP-30)."""

    @classmethod
    def of(cls, values: Mapping[SettingName, int]) -> Self:
        """The limits among the values of all settings."""
        return cls(
            floor_points=values[SettingName.FLOOR_PERCENT],
            reserve_points=values[SettingName.RESERVE_PERCENT],
            extra_cover_days=values[SettingName.EXTRA_COVER],
            repeat_hold=timedelta(days=values[SettingName.REPEAT_HOLD]),
            stale_after=timedelta(days=values[SettingName.SILENCE_STALE]),
            lost_after=timedelta(days=values[SettingName.SILENCE_LOST]),
        )

    def as_inputs(self) -> dict[str, int]:
        """What a decision keeps of them (D19), by the settings' names."""
        return {
            SettingName.FLOOR_PERCENT.value: int(self.floor_points),
            SettingName.RESERVE_PERCENT.value: int(self.reserve_points),
            SettingName.EXTRA_COVER.value: self.extra_cover_days,
            SettingName.REPEAT_HOLD.value: self.repeat_hold.days,
            SettingName.SILENCE_STALE.value: self.stale_after.days,
        }


DEFAULT_LIMITS: Final = OrderLimits()
