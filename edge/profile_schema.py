"""The form of a profile: every key, what it may hold, and what is refused. `docs/profiles.md` explains it to people."""

import re
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from edge.counter_names import COUNTER_NAMES
from edge.oids import ENTERPRISES, parse_oid
from edge.snmp_codec import Oid

MAX_PROFILE_OIDS: Final = 12
MAX_COUNTER_TABLES: Final = 1
JOB_LISTS: Final[tuple[Oid, ...]] = (
    (*ENTERPRISES, 1347, 47, 6),  # Kyocera: titles and users, readable without a password
    (*ENTERPRISES, 2699, 1, 1),  # Job Monitoring MIB, RFC 2707
    (*ENTERPRISES, 11, 2, 3, 9, 4, 2, 1, 1, 6),  # HP
)
PatternKey = Literal[
    "not_printers",
    "printer_descriptions",
    "serial_pattern",
    "model_patterns",
    "descr_model",
    "descr_serial",
    "part_numbers",
]


def lists_jobs(name: Oid) -> bool:
    """Whether a subtree lies in a list of print jobs, or holds one."""
    return any(name[: len(jobs)] == jobs[: len(name)] for jobs in JOB_LISTS)


def _name(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        return parse_oid(text)
    except ValueError:
        raise ValueError(f"{text!r} is no object identifier; write numbers and dots, as 1.3.6.1.4.1.11.2") from None


def _private(name: Oid) -> Oid:
    if lists_jobs(name):
        raise ValueError("lists print jobs with titles and user names and must not be read")
    if name[: len(ENTERPRISES)] != ENTERPRISES:
        raise ValueError("is not a private object (below 1.3.6.1.4.1); standard ones are read anyway")
    return name


def _compiled(pattern: object) -> object:
    if not isinstance(pattern, str):
        return pattern
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None


def _with_group(pattern: re.Pattern[str]) -> re.Pattern[str]:
    if pattern.groups < 1:
        raise ValueError("needs a group in brackets round the part that is meant")
    return pattern


Name = Annotated[Oid, BeforeValidator(_name)]
PrivateName = Annotated[Name, AfterValidator(_private)]
Pattern = Annotated[re.Pattern[str], BeforeValidator(_compiled)]
Capture = Annotated[Pattern, AfterValidator(_with_group)]
CounterName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,31}(\.[a-z0-9_]{1,31})?$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Claim(_Data):
    """Who says so, and whether a device was seen to agree.

    Attributes:
        source: where it is published, or which recording shows it.
        confirmed: a recording shows it, by arithmetic or by the device's own label.
        makers_own: the maker itself publishes it, in its MIB.
    """

    source: Words
    confirmed: bool
    makers_own: bool = False


class Source(_Data):
    """A private object and how its value is read.

    ``parse``: ``text`` (leading non-printing octets dropped, as HP's 01 15), ``ieee1284_model`` (the MDL or MODEL
    field of a device id), ``counter`` (a number), ``brother_record`` (a record of Brother's counter block;
    ``record`` is its code).
    """

    oid: PrivateName
    parse: Literal["text", "ieee1284_model", "counter", "brother_record"] = "text"
    record: Annotated[int, Field(ge=0, le=254)] | None = None
    claim: Claim

    @model_validator(mode="after")
    def _record_of_its_block(self) -> Self:
        if (self.parse == "brother_record") != (self.record is not None):
            raise ValueError("record: goes with parse brother_record, and only with it")
        return self


def _check_name(name: str, claim: Claim) -> None:
    if "." in name:
        return
    if name not in COUNTER_NAMES:
        raise ValueError(f"name: {name!r} is not in the dictionary; it has {', '.join(COUNTER_NAMES)}")
    if not (claim.confirmed or claim.makers_own):
        raise ValueError(f"name: {name!r} is for confirmed counters; call this one '<maker>.{name}' until it is")


class CounterSource(Source):
    """A counter: one object, or the sum of several.

    Attributes:
        name: from the dictionary (`COUNTER_NAMES`), or ``<maker>.<what>`` while nobody has confirmed its meaning.
        unit: what it counts, when known.
        add: objects whose values are added; without any one of them the counter is not told.
    """

    name: CounterName
    unit: Words | None = None
    add: Annotated[tuple[PrivateName, ...], Field(max_length=8)] = ()

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if self.parse not in {"counter", "brother_record"}:
            raise ValueError("parse: must be counter or brother_record for a counter")
        if self.add and self.parse != "counter":
            raise ValueError("add: goes with parse counter only")
        _check_name(self.name, self.claim)
        return self


class LabelledCounter(_Data):
    """A counter that the device itself labels: the sum of the rows with these labels.

    Attributes:
        name: as of `CounterSource`.
        unit: what it counts, when known.
        labels: the first must be there; the others are added when they are.
        claim: who says so.
    """

    name: CounterName
    unit: Words | None = None
    labels: Annotated[tuple[Words, ...], Field(min_length=1, max_length=8)]
    claim: Claim

    @model_validator(mode="after")
    def _named(self) -> Self:
        _check_name(self.name, self.claim)
        return self


class CounterTable(_Data):
    """A table of counters in which each row says what it counts, by a text or by a number of the maker's.

    Attributes:
        label_column: the column that says it.
        value_column: the column that counts.
        counters: which labels are which counters. Rows with other labels are not kept.
    """

    label_column: PrivateName
    value_column: PrivateName
    counters: Annotated[tuple[LabelledCounter, ...], Field(min_length=1, max_length=16)]


class Profile(_Data):
    """What is known about one maker's printers.

    Attributes:
        manufacturer: the maker's name when no brand says otherwise.
        brands: first words of sysDescr or of the model text, and the manufacturer they mean.
        object_ids: sysObjectID subtrees that the maker's printers report.
        not_printers: sysDescr patterns of the maker's other devices in those subtrees.
        printer_descriptions: sysDescr patterns that make a printer without a sysObjectID.
        identify: an object that only this maker's printers answer, for those without a system group.
        model: sources of the model name, tried before hrDeviceDescr when ``model_first``, else after it.
        serial_number: sources tried after prtGeneralSerialNumber.
        firmware: sources of the firmware version.
        counters: sources of counters beside the standard ones.
        counter_tables: tables of counters that label themselves.
        serial_pattern: what of a serial number is printed on the label (group 1).
        model_patterns: patterns whose group 1 is the product name within a model text.
        descr_model: sysDescr pattern whose group 1 is the model text, when nothing else tells it.
        descr_serial: sysDescr pattern whose group 1 is the serial number.
        part_numbers: supply description patterns whose group 1 is the part number.
        claims: who says that the patterns are right, by their key.
    """

    manufacturer: Words
    brands: dict[Words, Words] = Field(default_factory=dict)
    object_ids: tuple[Name, ...] = ()
    not_printers: tuple[Pattern, ...] = ()
    printer_descriptions: tuple[Pattern, ...] = ()
    identify: PrivateName | None = None
    model_first: bool = False
    model: tuple[Source, ...] = ()
    serial_number: tuple[Source, ...] = ()
    firmware: tuple[Source, ...] = ()
    counters: tuple[CounterSource, ...] = ()
    counter_tables: Annotated[tuple[CounterTable, ...], Field(max_length=MAX_COUNTER_TABLES)] = ()
    serial_pattern: Capture | None = None
    model_patterns: tuple[Capture, ...] = ()
    descr_model: Capture | None = None
    descr_serial: Capture | None = None
    part_numbers: tuple[Capture, ...] = ()
    claims: dict[PatternKey, Claim] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _bounded_and_attributed(self) -> Self:
        if len(self.oids()) > MAX_PROFILE_OIDS:
            raise ValueError(f"names {len(self.oids())} private objects; at most {MAX_PROFILE_OIDS} are read")
        unclaimed = [key for key in get_args(PatternKey) if getattr(self, key) and key not in self.claims]
        if unclaimed:
            raise ValueError(f"claims: says nothing about {', '.join(unclaimed)}; name the source of each")
        return self

    def oids(self) -> tuple[Oid, ...]:
        """The private objects to read, each once."""
        sources = (*self.model, *self.serial_number, *self.firmware, *self.counters)
        added = (name for counter in self.counters for name in counter.add)
        return tuple(dict.fromkeys((*(source.oid for source in sources), *added)))

    def columns(self) -> tuple[Oid, ...]:
        """The columns of private tables to walk."""
        return tuple(column for table in self.counter_tables for column in (table.label_column, table.value_column))
