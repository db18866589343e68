"""One printer read once: `PrinterReading` and its parts.

Levels and capacities are kept as the printer sent them; what we derive stands beside them (D16).
"""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StringConstraints

from shared.wire.base import Identifier, ShortText, TableIndex, Text, UtcDatetime, WireModel
from shared.wire.printer_mib import LevelState

MAX_ROWS = 64
"""Rows kept of one table; the longest recorded printer table that matters has 40."""


def _two_decimals(value: float) -> float:
    return round(value, 2)


Percentage = Annotated[float, Field(strict=True, ge=0, le=100), AfterValidator(_two_decimals)]
"""With two decimals, as `level_percent` gives it: no store holds a float of any size."""
RawInteger = Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)]
"""A number as the printer sent it; nothing SNMP can carry is outside, and no store holds an unbounded one."""


FieldName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
CredentialName = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+$"
    ),
]
"""What the site calls a set of credentials: one line, without control and direction-turning characters."""


class MissingReason(StrEnum):
    """Why a value that was asked for is not in the reading."""

    NOT_ANSWERED = "not_answered"
    NOT_SUPPORTED = "not_supported"
    UNREADABLE = "unreadable"
    HIDDEN = "hidden"
    """The site does not tell it."""


class Identity(WireModel):
    """Who the printer says it is. Manufacturer and serial number identify it, never its address."""

    manufacturer: ShortText | None = Field(
        default=None, description="The maker, as its brand words, sysObjectID or profile tell."
    )
    model: Text | None = Field(default=None, description="The product name, without the maker's name.")
    serial_number: ShortText | None = Field(
        default=None, description="The printer's serial number, as printed on its label."
    )
    mac_address: Annotated[str, Field(pattern=r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")] | None = Field(
        default=None, description="Hardware address of its first network interface that has one."
    )
    firmware: Text | None = Field(
        default=None, description="Firmware version, where the maker's profile says how to read it."
    )
    host_name: Text | None = Field(default=None, description="The printer's own host name (sysName).")
    location: Text | None = Field(
        default=None, description="Where it stands, in the words of who set it up (sysLocation)."
    )
    asset_tag: Text | None = Field(default=None, description="The owner's inventory number.")
    sys_descr: Text | None = Field(default=None, description="The printer's description of itself.")
    sys_object_id: Annotated[str, Field(pattern=r"^\d+(\.\d+)*$", max_length=128)] | None = Field(
        default=None, description="The maker's number for this kind of device."
    )


class Counter(WireModel):
    """A cumulative count. ``name`` is from the counter dictionary, ``source`` an OID or profile."""

    name: Identifier = Field(description="The counter's name in our dictionary, such as life_count.")
    value: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = Field(
        description="The count since the printer was made."
    )
    unit: ShortText | None = Field(default=None, description="What is counted, by the standard's name.")
    marker: TableIndex | None = Field(
        default=None, description="Row of the print engine, where the counter belongs to one."
    )
    source: ShortText | None = Field(default=None, description="The object that the value was read from.")


class Supply(WireModel):
    """A row of prtMarkerSuppliesTable.

    ``level`` and ``max_capacity`` are raw (-1, -2, -3 keep their meaning, TEL-01); for a receptacle the
    level is the space left. ``percent`` is set only when ``level_state`` is ``percent`` (SUP-01).

    Where the row's own level is no number, the maker's own objects may tell it: ``refined_percent``, with the object it
    is from. It becomes ``percent`` only when a recording or the maker itself vouches for that object; ``level`` and
    ``max_capacity`` stay as sent (D16).
    """

    index: TableIndex = Field(description="The row's index: hrDeviceIndex and row.")
    supply_class: ShortText | None = Field(default=None, description="Whether it is used up or filled in use.")
    supply_type: ShortText | None = Field(
        default=None, description="Toner, ink, drum, waste container and so on, by the standard's name."
    )
    description: Text | None = Field(default=None, description="The printer's own words for it.")
    colorant: ShortText | None = Field(
        default=None, description="Its colour: what the printer says, else what the description names."
    )
    supply_unit: ShortText | None = Field(default=None, description="Unit of level and capacity.")
    max_capacity: RawInteger | None = Field(
        default=None, description="Capacity as sent; negative numbers have the standard's meaning."
    )
    level: RawInteger | None = Field(default=None, description="Level as sent; -1 not metered, -2 unknown, -3 some.")
    level_state: LevelState = Field(default=LevelState.NOT_READ, description="Why there is a percentage, or none.")
    percent: Percentage | None = Field(default=None, description="Share that is left; of a receptacle: of its space.")
    capacity_stale: StrictBool = Field(default=False, description="The printer reports more than its own capacity.")
    receptacle: StrictBool = Field(default=False, description="It is filled in use, as a waste container.")
    part_number: ShortText | None = Field(
        default=None, description="Part number, taken out of the description or from the maker's own table."
    )
    serial_number: ShortText | None = Field(
        default=None,
        description="The cartridge's serial number, taken out of the description or from the maker's own table.",
    )
    refined_percent: Percentage | None = Field(
        default=None,
        description="Share that is left by the maker's own objects, where the level is no number.",
        examples=[77.0],
    )
    refined_source: ShortText | None = Field(
        default=None,
        description="The maker's object that tells it.",
        examples=["1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.8.0 record 6f"],
    )
    level_meaning: ShortText | None = Field(
        default=None,
        description="What the maker means by this level, as its profile tells: low, refilled and so on.",
        examples=["low"],
    )


class MakerSupply(WireModel):
    """What the maker's own objects tell about one supply or maintenance part (profiles; SUP-02, SUP-34)."""

    part: ShortText = Field(description="What it is: toner, drum, fuser and so on.", examples=["drum"])
    colorant: ShortText | None = Field(
        default=None, description="Its colour, when it has one of several.", examples=["black"]
    )
    supply: TableIndex | None = Field(
        default=None, description="The standard row that it is about, when it is one.", examples=["1.7"]
    )
    percent: Percentage | None = Field(default=None, description="Share that is left.", examples=[92.0])
    pages_left: Annotated[int, Field(strict=True, ge=0, lt=2**63)] | None = Field(
        default=None, description="Pages until it is due, as the maker reckons.", examples=[11014]
    )
    pages_done: Annotated[int, Field(strict=True, ge=0, lt=2**63)] | None = Field(
        default=None, description="Pages since it was put in.", examples=[986]
    )
    status: RawInteger | None = Field(default=None, description="The maker's number for its state.", examples=[1])
    raw: RawInteger | None = Field(default=None, description="The level as sent.", examples=[9200])
    meaning: ShortText | None = Field(
        default=None, description="What the maker means by a level that is no amount.", examples=["low"]
    )
    part_number: ShortText | None = Field(default=None, description="Its part number.")
    serial_number: ShortText | None = Field(default=None, description="Its serial number.")
    source: ShortText = Field(
        description="The object that it was read from.",
        examples=["1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.8.0 record 41"],
    )
    confirmed: StrictBool = Field(
        default=False, description="A recording or the maker itself vouches for the meaning; else nothing rests on it."
    )


class InputTray(WireModel):
    """A row of prtInputTable; -3 as level means at least one sheet remains."""

    index: TableIndex = Field(description="The row's index: hrDeviceIndex and row.")
    name: Text | None = Field(default=None, description="The tray's name.")
    description: Text | None = Field(default=None, description="The printer's description of it.")
    input_type: ShortText | None = Field(
        default=None, description="Tray, roll, manual feed and so on, by the standard's name."
    )
    media: Text | None = Field(default=None, description="The medium loaded, such as na-letter-white.")
    unit: ShortText | None = Field(default=None, description="Unit of level and capacity.")
    max_capacity: RawInteger | None = Field(default=None, description="Capacity as sent.")
    current_level: RawInteger | None = Field(default=None, description="Level as sent; -3 means at least one sheet.")
    status: RawInteger | None = Field(default=None, description="Status number of the tray (PrtSubUnitStatusTC).")


class OutputBin(WireModel):
    """A row of prtOutputTable."""

    index: TableIndex = Field(description="The row's index: hrDeviceIndex and row.")
    name: Text | None = Field(default=None, description="The bin's name.")
    description: Text | None = Field(default=None, description="The printer's description of it.")
    output_type: ShortText | None = Field(default=None, description="Kind of bin, by the standard's name.")
    unit: ShortText | None = Field(default=None, description="Unit of the capacities.")
    max_capacity: RawInteger | None = Field(default=None, description="Capacity as sent.")
    remaining_capacity: RawInteger | None = Field(default=None, description="Room that is left, as sent.")
    status: RawInteger | None = Field(default=None, description="Status number of the bin (PrtSubUnitStatusTC).")


class Cover(WireModel):
    """A row of prtCoverTable."""

    index: TableIndex = Field(description="The row's index: hrDeviceIndex and row.")
    description: Text | None = Field(default=None, description="The printer's words for the cover.")
    status: ShortText | None = Field(default=None, description="Open or closed, by the standard's name.")


class Alert(WireModel):
    """A row of prtAlertTable. ``raised_at`` is absolute (ALR-03), None when the printer gave no time."""

    index: TableIndex = Field(description="The row's index: hrDeviceIndex and the alert's number.")
    severity: ShortText | None = Field(default=None, description="How bad it is, by the standard's name.")
    training_level: ShortText | None = Field(default=None, description="Who can mend it, by the standard's name.")
    group: ShortText | None = Field(default=None, description="The part of the printer that it is about.")
    group_index: RawInteger | None = Field(default=None, description="Row of that part's table.")
    location: RawInteger | None = Field(default=None, description="Place within that part, as the maker counts.")
    code: RawInteger | None = Field(default=None, description="The standard's or the maker's alert code.")
    description: Text | None = Field(default=None, description="The printer's own words.")
    time_ticks: RawInteger | None = Field(default=None, description="When it arose, as sysUpTime then (1/100 s).")
    raised_at: UtcDatetime | None = Field(
        default=None, description="When it arose, from that and the printer's uptime."
    )


class Status(WireModel):
    """hrDeviceStatus, hrPrinterStatus, hrPrinterDetectedErrorState and the panel's text."""

    device_status: ShortText | None = Field(default=None, description="running, warning, down and so on.")
    printer_status: ShortText | None = Field(default=None, description="idle, printing, warmup and so on.")
    detected_errors: list[ShortText] | None = Field(
        default=None, max_length=16, description="Names of the error bits that are set."
    )
    detected_error_octets: Annotated[str, Field(pattern=r"^([0-9a-f]{2}){0,8}$")] | None = Field(
        default=None, description="The same bits as sent, in hex."
    )
    console_text: list[Text] = Field(
        default_factory=list, max_length=16, description="Lines shown on the printer's panel, whatever it shows."
    )


class PrinterReading(WireModel):
    """What one printer answered at one time.

    A list that is None was not read, or is unchanged since the reading before: what is stored stays. An
    empty list is an empty table. ``alerts`` is a list only after a walk that reached the table's end, so
    that a failed walk clears nothing (ALR-05).
    """

    reading_id: Identifier = Field(
        description="Number of this reading, from its time and chance: sent twice, it is kept once."
    )
    taken_at: UtcDatetime = Field(description="When the printer was read.")
    address: ShortText | None = Field(default=None, description="Where it was asked: address or host name, and port.")
    credentials: CredentialName | None = Field(
        default=None,
        description="The name, in the agent's configuration, of the SNMP credential set that it answered to; never what"
        " is in the set.",
        examples=["office-v3"],
    )
    uptime_ticks: Annotated[int, Field(strict=True, ge=0, lt=2**32)] | None = Field(
        default=None, description="Time since the printer was switched on (1/100 s)."
    )
    heartbeat: StrictBool = Field(default=False, description="Sent to say that nothing changed.")
    identity: Identity = Field(description="Who the printer says it is.")
    status: Status = Field(default_factory=Status, description="What state it is in.")
    counters: list[Counter] | None = Field(default=None, max_length=MAX_ROWS, description="Page and other counts.")
    supplies: list[Supply] | None = Field(
        default=None, max_length=MAX_ROWS, description="Toner, ink, drums, waste containers."
    )
    maker_supplies: list[MakerSupply] | None = Field(
        default=None, max_length=MAX_ROWS, description="What the maker's own objects tell about supplies."
    )
    finisher_supplies: list[Supply] | None = Field(
        default=None, max_length=MAX_ROWS, description="Staples and other supplies of a finisher (finSupplyTable)."
    )
    inputs: list[InputTray] | None = Field(default=None, max_length=MAX_ROWS, description="Paper trays.")
    outputs: list[OutputBin] | None = Field(default=None, max_length=MAX_ROWS, description="Output bins.")
    covers: list[Cover] | None = Field(default=None, max_length=MAX_ROWS, description="Covers and doors.")
    alerts: list[Alert] | None = Field(default=None, max_length=MAX_ROWS, description="What is wrong or about to be.")
    missing: dict[FieldName, MissingReason] = Field(
        default_factory=dict, max_length=64, description="What could not be read, and why."
    )

    def counter(self, name: str) -> Counter | None:
        """The first counter of that name: the first marker's, where several report."""
        return next((counter for counter in self.counters or [] if counter.name == name), None)


LIFE_COUNT = "life_count"
"""prtMarkerLifeCount, in the marker's own unit; the lifetime page count of the eligibility rules."""
POWER_ON_COUNT = "power_on_count"
COLOR_IMPRESSIONS = "color_impressions"
MONO_IMPRESSIONS = "mono_impressions"
