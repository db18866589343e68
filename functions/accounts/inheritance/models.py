"""Settings of the tree: what people ask for, what is kept, what is shown."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from functions.accounts.tree.models import Kept
from shared.directory.inherited import DEFINITIONS, RISING, Definition, Level, Resolved, SettingName
from shared.errors import FieldError, Invalid
from shared.http import ApiModel
from shared.wire.base import UtcDatetime
from shared.written_numbers import WRITTEN

_MOST: Final = len(DEFINITIONS)


class SettingDefinition(BaseModel):
    """What a setting is: a whole number in its unit, where it may be explicit, what it does."""

    model_config = ConfigDict(from_attributes=True)

    name: SettingName
    default: int = Field(examples=[15])
    least: int = Field(examples=[5])
    most: int = Field(examples=[1_440])
    may_be_automatic: bool = Field(
        description="It may be 0 too, which leaves it to Platen: see `meaning`", examples=[False]
    )
    unit: str = Field(examples=["minutes"])
    levels: list[Level]
    meaning: str = Field(examples=[DEFINITIONS[SettingName.POLL_INTERVAL].meaning])


class Assignment(ApiModel):
    """A value to make explicit."""

    name: SettingName
    value: Annotated[int, WRITTEN] = Field(description="In the setting's unit; see `GET /v1/settings`", examples=[30])


class SettingChanges(ApiModel):
    """What becomes explicit, and what is inherited again."""

    set: Annotated[list[Assignment], Field(default_factory=list, max_length=_MOST)]
    reset: Annotated[list[SettingName], Field(default_factory=list, max_length=_MOST)]


class ResetBelow(ApiModel):
    """Which settings are inherited again everywhere below."""

    names: Annotated[list[SettingName], Field(min_length=1, max_length=_MOST)]


class Source(BaseModel):
    """Where a value comes from."""

    level: Level
    id: str = Field(examples=["org_01jd2x8k3v9m4t7r5c2b6n0q1w"])


class Setting(BaseModel):
    """A setting in force at a place."""

    name: SettingName
    value: int = Field(examples=[30])
    unit: str = Field(examples=["minutes"])
    default: int = Field(examples=[15])
    explicit: bool = Field(description="Set at this very place", examples=[False])
    source: Source | None = Field(description="Where it was set; null for the default")


class PlaceSettings(BaseModel):
    """All settings that an organisation, site, printer or agent has."""

    level: Level
    id: str = Field(examples=["site_01jd2x8k3v9m4t7r5c2b6n0q1w"])
    settings: list[Setting]


class SettingsChange(BaseModel):
    """One change of one setting; null where it was, or became, inherited."""

    name: SettingName
    before: int | None = Field(default=None, examples=[15])
    after: int | None = Field(default=None, examples=[30])


class SettingsChanged(Kept):
    """Who changed what when."""

    at: UtcDatetime
    changed_by: str = Field(description="Id of the key", examples=["key_01jd2x8k3v9m4t7r5c2b6n0q1w"])
    changes: list[SettingsChange]


class StoredSettings(Kept):
    """What is explicit at one place."""

    tenant_id: str
    organization_id: str
    organization_path: str
    site_id: str | None = None
    level: Level
    entity_id: str
    values: dict[SettingName, int] = Field(default_factory=dict)
    version: int = 0


def shown(resolved: Resolved, level: Level, entity_id: str) -> Setting:
    """A resolved setting as people see it at a place."""
    definition, source = DEFINITIONS[resolved.name], resolved.source
    return Setting(
        name=resolved.name,
        value=resolved.value,
        unit=definition.unit,
        default=definition.default,
        explicit=source is not None and (source.level, source.entity_id) == (level, entity_id),
        source=Source(level=source.level, id=source.entity_id) if source else None,
    )


def applied(before: StoredSettings, changes: SettingChanges) -> StoredSettings:
    """What is explicit after the changes.

    Raises:
        Invalid: A value is outside its bounds, a setting cannot be explicit at this level, one is named twice, or
            those that rise would not (`RISING`); ``errors`` names each place.
    """
    errors = [
        FieldError(f"/set/{number}/{field}", fix)
        for number, each in enumerate(changes.set)
        for field, fix in _faults(each, DEFINITIONS[each.name], before.level)
    ]
    named = [each.name for each in changes.set] + changes.reset
    errors += [FieldError("/set", f"'{name}' is named twice.") for name in SettingName if named.count(name) > 1]
    kept = {name: value for name, value in before.values.items() if name not in changes.reset}
    values = kept | {each.name: each.value for each in changes.set}
    errors = errors or _not_rising(values, changes)
    if errors:
        raise Invalid("invalid_setting", "A setting cannot be that here; see 'errors'.", tuple(errors))
    return before.model_copy(update={"values": values, "version": before.version + 1})


def differences(before: StoredSettings, after: StoredSettings) -> list[SettingsChange]:
    """What changed between two versions of a place."""
    return [
        SettingsChange(name=name, before=before.values.get(name), after=after.values.get(name))
        for name in SettingName
        if before.values.get(name) != after.values.get(name)
    ]


def _faults(wanted: Assignment, definition: Definition, level: Level) -> list[tuple[str, str]]:
    faults = []
    if level not in definition.levels:
        faults.append(("name", f"Not at a {level}; set it at: {', '.join(definition.levels)}."))
    if not definition.allows(wanted.value):
        faults.append(("value", f"In {definition.unit}: {definition.bounds}."))
    return faults


def _not_rising(values: Mapping[SettingName, int], changes: SettingChanges) -> list[FieldError]:
    """What is wrong with the new values of those that rise, beside each other and beside what was explicit here."""
    here = [(name, values[name]) for name in RISING if name in values]
    place = {each.name: number for number, each in enumerate(changes.set)}
    return [
        FieldError(
            f"/set/{place[name if name in place else below]}/value",
            f"'{name}' is {value} here and must be more than '{below}', which is {least}.",
        )
        for (below, least), (name, value) in pairwise(here)
        if value <= least and not place.keys().isdisjoint((below, name))
    ]
