"""The form of what a profile says about supplies: the maker's own levels, tables of them, what special levels mean."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from edge.profiles.terms import Capture, Claim, Listed, Pattern, PrivateName, ProfileData, ShortWords
from edge.snmp.codec import Oid
from shared.wire.printer_mib import SUPPLY_TYPE

COLORANTS: Final = ("black", "cyan", "magenta", "yellow")
TYPE_NAMES: Final = frozenset(SUPPLY_TYPE.values())


def _type_name(name: str) -> str:
    if name not in TYPE_NAMES:
        raise ValueError(f"{name!r} is no supply type of the standard (PrtMarkerSuppliesTypeTC), as tonerCartridge")
    return name


SupplyType = Annotated[str, AfterValidator(_type_name)]
SupplyTypes = Annotated[tuple[SupplyType, ...], Field(max_length=16)]
Special = Annotated[dict[int, ShortWords], Field(max_length=16)]


class RecordLayout(ProfileData):
    """How a block of records is laid out: code, octets to skip, length, value; again and again, up to an end mark.

    Attributes:
        code_octets: octets of a record's code.
        skip_octets: octets between code and length that say nothing.
        length_octets: octets of the length of the value.
        end: the first octet of what follows the last record, None when the block just ends.
    """

    code_octets: Annotated[int, Field(ge=1, le=4)] = 1
    skip_octets: Annotated[int, Field(ge=0, le=8)] = 0
    length_octets: Annotated[int, Field(ge=1, le=4)] = 1
    end: Annotated[int, Field(ge=0, le=255)] | None = None


class Source(ProfileData):
    """A private object and how its value is read.

    ``parse``: ``text`` (leading non-printing octets dropped, as HP's 01 15), ``ieee1284_model`` (the MDL or MODEL
    field of a device id), ``number``, ``number_in_text`` (the digits that group 1 of ``pattern`` finds), ``record``
    (the number in a record of a block; ``record`` is its code).
    """

    oid: PrivateName
    parse: Literal["text", "ieee1284_model", "number", "number_in_text", "record"] = "text"
    record: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    pattern: Capture | None = None
    claim: Claim

    @model_validator(mode="after")
    def _record_of_its_block(self) -> Self:
        if (self.parse == "record") != (self.record is not None):
            raise ValueError("record: goes with parse record, and only with it")
        if (self.parse == "number_in_text") != (self.pattern is not None):
            raise ValueError("pattern: goes with parse number_in_text, and only with it")
        return self


class SupplySource(Source):
    """One thing that the maker's own objects tell about one supply or maintenance part.

    Attributes:
        part: what it is about, as ``toner``, ``drum``, ``belt``, ``fuser``.
        colorant: its colour, when it has one of several.
        types: the standard's types of the row that it is about; empty when no standard row is.
        gives: ``percent`` left, ``hundredths`` of a percent left, ``fraction`` (left and full, in the two halves of a
            record), ``pages_left``, ``pages_done``, ``status`` (the maker's number for its state).
        special: numbers that are no amount, and what the maker means by them.
        models: only for models that match; None for all.
    """

    part: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    colorant: Literal["black", "cyan", "magenta", "yellow"] | None = None
    types: SupplyTypes = ()
    gives: Literal["percent", "hundredths", "fraction", "pages_left", "pages_done", "status"]
    special: Special = Field(default_factory=dict)
    models: Pattern | None = None

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if self.parse not in {"number", "record"}:
            raise ValueError("parse: must be number or record for a supply")
        if self.gives == "fraction" and self.parse != "record":
            raise ValueError("gives: a fraction is in a record (parse record)")
        return self


class SupplyTable(ProfileData):
    """A table of the maker's that tells about supplies, a row for each.

    Attributes:
        part: what a row is called when no type says it.
        colorant_column: a text that names the colour.
        type_column: a number for the kind of supply.
        type_names: that number and the standard's types which it means.
        types: the standard's types of all rows, where no column tells.
        level_column: how much is left.
        capacity_column: of how much; without it the level is in percent.
        status_column: the maker's number for its state.
        serial_number_column: the cartridge's serial number.
        part_number_column: its part number.
        special: levels that are no amount, and what the maker means by them.
        claim: who says so.
    """

    part: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    colorant_column: PrivateName
    type_column: PrivateName | None = None
    type_names: Annotated[dict[int, SupplyTypes], Field(max_length=32)] = Field(default_factory=dict)
    types: SupplyTypes = ()
    level_column: PrivateName | None = None
    capacity_column: PrivateName | None = None
    status_column: PrivateName | None = None
    serial_number_column: PrivateName | None = None
    part_number_column: PrivateName | None = None
    special: Special = Field(default_factory=dict)
    claim: Claim

    @model_validator(mode="after")
    def _types_told_once(self) -> Self:
        if bool(self.types) == (self.type_column is not None):
            raise ValueError("types: either all rows are of some types, or type_column tells each row's; name one")
        if (self.type_column is None) != (not self.type_names):
            raise ValueError("type_names: goes with type_column, and only with it")
        if self.capacity_column is not None and self.level_column is None:
            raise ValueError("capacity_column: needs a level_column")
        return self

    def labels(self) -> tuple[Oid, ...]:
        """The columns that say what a row is: they stay as they are."""
        return tuple(column for column in (self.colorant_column, self.type_column) if column)

    def values(self) -> tuple[Oid, ...]:
        """The columns that change."""
        return tuple(self._values())

    def _values(self) -> Iterator[Oid]:
        columns = (
            self.level_column,
            self.capacity_column,
            self.status_column,
            self.serial_number_column,
            self.part_number_column,
        )
        yield from (column for column in columns if column is not None)


class LevelMeaning(ProfileData):
    """What the maker's printers mean by a level in the standard table, where that is not the standard's (SUP-02).

    Attributes:
        level: the level as sent; None for all levels of the rows below.
        means: ``low``, ``above_low``, ``refilled``, ``filled`` (the number is what is in it, not the space left),
            ``not_metered`` (the number tells nothing).
        receptacle: only rows that are filled in use, or only others.
        with_capacity: only where the row tells a capacity.
        types: only for these types of supplies; empty for all.
        models: only for models that match; None for all.
        claim: who says so.
    """

    level: Annotated[int, Field(ge=-3, le=100)] | None = None
    means: Literal["low", "above_low", "refilled", "filled", "not_metered"]
    receptacle: bool = False
    with_capacity: bool = False
    types: SupplyTypes = ()
    models: Pattern | None = None
    claim: Claim


SupplySources = Annotated[tuple[SupplySource, ...], Listed]
