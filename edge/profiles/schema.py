"""The form of a profile: every key, what it may hold, and what is refused. `docs/profiles.md` explains it to people."""

from typing import Annotated, Final, Literal, Self, get_args

from pydantic import Field, model_validator

from edge.profiles.supplies import LevelMeaning, RecordLayout, Source, SupplySources, SupplyTable
from edge.profiles.terms import (
    Capture,
    Claim,
    CounterName,
    Label,
    Listed,
    Name,
    Pattern,
    PrivateName,
    ProfileData,
    ShortWords,
    check_counter_name,
)
from edge.snmp.codec import Oid

MAX_PROFILE_OIDS: Final = 40
MAX_TABLES: Final = 8
MAX_COLUMNS: Final = 24
PatternKey = Literal[
    "not_printers",
    "printer_descriptions",
    "models",
    "serial_pattern",
    "model_patterns",
    "descr_model",
    "descr_serial",
    "descr_firmware",
    "part_numbers",
    "supply_serials",
]
Sources = Annotated[tuple[Source, ...], Listed]
Patterns = Annotated[tuple[Pattern, ...], Listed]
Captures = Annotated[tuple[Capture, ...], Listed]


class CounterSource(Source):
    """A counter: one object, or the sum of several. Of several entries with one name the first that is told counts.

    Attributes:
        name: from the dictionary (`COUNTER_NAMES`), or ``<maker>.<what>`` while nobody has confirmed its meaning.
        unit: what it counts, when known.
        add: objects whose values are added; without any one of them the counter is not told.
    """

    name: CounterName
    unit: ShortWords | None = None
    add: Annotated[tuple[PrivateName, ...], Field(max_length=8)] = ()

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if self.parse not in {"number", "number_in_text", "record"}:
            raise ValueError("parse: must be number, number_in_text or record for a counter")
        if self.add and self.parse != "number":
            raise ValueError("add: goes with parse number only")
        check_counter_name(self.name, self.claim)
        return self


class LabelledCounter(ProfileData):
    """A counter that the device itself labels: the sum of the rows with these labels.

    Attributes:
        name: as of `CounterSource`.
        unit: what it counts, when known.
        labels: their rows are added. In a table with several label columns a label is their values joined by ``/``.
        needs: ``first``: without the first label the counter is not told; ``any``: one of them is enough.
        claim: who says so.
    """

    name: CounterName
    unit: ShortWords | None = None
    labels: Annotated[tuple[Label, ...], Field(min_length=1, max_length=16)]
    needs: Literal["first", "any"] = "first"
    claim: Claim

    @model_validator(mode="after")
    def _named(self) -> Self:
        check_counter_name(self.name, self.claim)
        return self


class CounterTable(ProfileData):
    """A table of counters in which each row says what it counts, by texts or by numbers of the maker's.

    Attributes:
        label_columns: the columns that say it.
        value_column: the column that counts.
        every_row: rows with the same label differ in something that is not read, as the paper size, and are added up;
            else a label counts once, by its first row.
        counters: which labels are which counters. Rows with other labels are not kept.
    """

    label_columns: Annotated[tuple[PrivateName, ...], Field(min_length=1, max_length=4)]
    value_column: PrivateName
    every_row: bool = False
    counters: Annotated[tuple[LabelledCounter, ...], Field(min_length=1, max_length=32)]

    @model_validator(mode="after")
    def _labels_fit(self) -> Self:
        wanted = len(self.label_columns)
        if wanted == 1:
            return self
        for counter in self.counters:
            for label in counter.labels:
                if len(label.split("/")) != wanted:
                    raise ValueError(f"labels: {label!r} needs {wanted} parts joined by '/', one for each label column")
        return self


class Profile(ProfileData):
    """What is known about the printers of one maker, or of one family of its models.

    Attributes:
        manufacturer: the maker's name when no brand says otherwise.
        family: the models that the profile is for, when the maker has several profiles.
        brands: first words of sysDescr or of the model text, and the manufacturer they mean.
        object_ids: sysObjectID subtrees that the maker's printers report.
        models: only printers whose sysDescr or hrDeviceDescr matches; it wins over the maker's profile without.
        not_printers: sysDescr patterns of the maker's other devices in those subtrees.
        printer_descriptions: sysDescr patterns that make a printer without a sysObjectID.
        identify: an object that only this maker's printers answer, for those without a system group.
        model: sources of the model name, tried before hrDeviceDescr when ``model_first``, else after it.
        serial_number: sources tried after prtGeneralSerialNumber.
        firmware: sources of the firmware version.
        asset_tag: sources of the owner's inventory number.
        console_text: sources of the text on the panel, where the standard table has none.
        record_layout: how the blocks of records are laid out that ``parse: record`` reads.
        counters: sources of counters beside the standard ones.
        counter_tables: tables of counters that label themselves.
        supplies: what the maker's own objects tell about supplies and maintenance parts.
        supply_tables: tables of the maker's about supplies.
        level_meanings: what the maker means by levels of the standard table.
        serial_pattern: what of a serial number is printed on the label (group 1).
        model_patterns: patterns whose group 1 is the product name within a model text.
        descr_model: sysDescr pattern whose group 1 is the model text, when nothing else tells it.
        descr_serial: sysDescr pattern whose group 1 is the serial number.
        descr_firmware: sysDescr pattern whose group 1 is the firmware version.
        part_numbers: supply description patterns whose group 1 is the part number.
        supply_serials: supply description patterns whose group 1 is the cartridge's serial number.
        claims: who says that the patterns are right, by their key.
    """

    manufacturer: ShortWords
    family: ShortWords | None = None
    brands: Annotated[dict[ShortWords, ShortWords], Listed] = Field(default_factory=dict)
    object_ids: Annotated[tuple[Name, ...], Listed] = ()
    models: Patterns = ()
    not_printers: Patterns = ()
    printer_descriptions: Patterns = ()
    identify: PrivateName | None = None
    model_first: bool = False
    model: Sources = ()
    serial_number: Sources = ()
    firmware: Sources = ()
    asset_tag: Sources = ()
    console_text: Sources = ()
    record_layout: RecordLayout | None = None
    counters: Annotated[tuple[CounterSource, ...], Listed] = ()
    counter_tables: Annotated[tuple[CounterTable, ...], Field(max_length=MAX_TABLES)] = ()
    supplies: SupplySources = ()
    supply_tables: Annotated[tuple[SupplyTable, ...], Field(max_length=MAX_TABLES)] = ()
    level_meanings: Annotated[tuple[LevelMeaning, ...], Listed] = ()
    serial_pattern: Capture | None = None
    model_patterns: Captures = ()
    descr_model: Capture | None = None
    descr_serial: Capture | None = None
    descr_firmware: Capture | None = None
    part_numbers: Captures = ()
    supply_serials: Captures = ()
    claims: dict[PatternKey, Claim] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _bounded_and_attributed(self) -> Self:
        if len(self.oids()) > MAX_PROFILE_OIDS:
            raise ValueError(f"names {len(self.oids())} private objects; at most {MAX_PROFILE_OIDS} are read")
        if len(self.columns()) > MAX_COLUMNS:
            raise ValueError(f"names {len(self.columns())} columns of tables; at most {MAX_COLUMNS} are walked")
        unclaimed = [key for key in get_args(PatternKey) if getattr(self, key) and key not in self.claims]
        if unclaimed:
            raise ValueError(f"claims: says nothing about {', '.join(unclaimed)}; name the source of each")
        if self.record_layout is None and any(source.parse == "record" for source in self.sources()):
            raise ValueError("record_layout: is missing; parse record needs to know how records are laid out")
        return self

    @property
    def name(self) -> str:
        """What the profile is called: its family, else its manufacturer. A site's profile replaces ours by it."""
        return self.family or self.manufacturer

    def sources(self) -> tuple[Source, ...]:
        """Everything that is read as a single object."""
        return (
            *self.model,
            *self.serial_number,
            *self.firmware,
            *self.asset_tag,
            *self.console_text,
            *self.counters,
            *self.supplies,
        )

    def named_counters(self) -> tuple[CounterSource | LabelledCounter, ...]:
        """Its counters, of single objects and of tables."""
        return (*self.counters, *(counter for table in self.counter_tables for counter in table.counters))

    def oids(self) -> tuple[Oid, ...]:
        """The private objects to read, each once."""
        added = (name for counter in self.counters for name in counter.add)
        return tuple(dict.fromkeys((*(source.oid for source in self.sources()), *added)))

    def columns(self) -> tuple[Oid, ...]:
        """The columns of private tables to walk, each once."""
        counted = (column for table in self.counter_tables for column in (*table.label_columns, table.value_column))
        supplied = (column for table in self.supply_tables for column in (*table.labels(), *table.values()))
        return tuple(dict.fromkeys((*counted, *supplied)))

    def label_columns(self) -> tuple[Oid, ...]:
        """Those columns that only say what a row is: read once, not at every reading."""
        counted = (column for table in self.counter_tables for column in table.label_columns)
        supplied = (column for table in self.supply_tables for column in table.labels())
        return tuple(dict.fromkeys((*counted, *supplied)))
