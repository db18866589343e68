"""Which printers a list shows: any of the values inside a category, all of the categories (OR inside, AND across)."""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints, field_validator

from functions.ingest.identities.questions import Question
from functions.ingest.printers.models import Printer
from functions.ingest.printers.place import LOW_STEPS
from functions.ingest.printers.tag_text import Tag
from shared.directory.views import ManagedStatus, Registration
from shared.eligibility.statuses import EligibilityStatus
from shared.http import ApiModel
from shared.ids import EntityId
from shared.table import Item
from shared.written_numbers import WRITTEN, YesOrNo

MOST_VALUES: Final = 20
_SEARCHED: Final = ("serial_number", "asset_tag", "host_name", "address", "mac_address", "location")
_EQUAL: Final = ("site_id", "agent_id", "registration")
_EQUAL_IN_ANY_CASE: Final = ("manufacturer", "model", "firmware")
_JOINED: Final = ("communication", "managed_status", "eligibility_status")

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
Ids = Annotated[list[EntityId], Field(max_length=MOST_VALUES)]
Words = Annotated[list[Word], Field(max_length=MOST_VALUES)]


class Sort(StrEnum):
    """The order of a list: the first three have an index, the others are made of what was found if that is not much."""

    ORGANIZATION = "organization"
    LOWEST_SUPPLY = "lowest_supply"
    PAGES_PER_MONTH = "pages_per_month"
    LAST_READING = "last_reading"
    MODEL = "model"
    SERIAL_NUMBER = "serial_number"
    NEWEST = "newest"

    @property
    def is_indexed(self) -> bool:
        """Whether an index has printers in this order."""
        return self in {Sort.ORGANIZATION, Sort.LOWEST_SUPPLY, Sort.PAGES_PER_MONTH}


class CommunicationFilter(StrEnum):
    """What a list of printers is narrowed to: whether they communicate, or how far their silence went (SUP-30)."""

    COMMUNICATING = "communicating"
    NONCOMMUNICATING = "noncommunicating"
    NOT_CONNECTED = "not_connected"
    STALE = "stale"
    EXCEPTION = "exception"
    LOST = "lost"

    def fits(self, printer: "Printer") -> bool:
        """Whether a printer is one of those."""
        return self.value in {printer.communication.value, printer.silence and printer.silence.stage.value}


class ReadBy(StrEnum):
    """Who reads a printer's counts."""

    AGENT = "agent"
    HAND = "hand"
    """People: it was registered by hand, and no agent has read it."""

    @classmethod
    def of(cls, meta: Item) -> "ReadBy":
        """Who reads the printer of this item."""
        return cls.AGENT if "agent_id" in meta else cls.HAND


class PrinterFilter(ApiModel):
    """What a list is narrowed to; an empty category leaves all in."""

    site_id: Ids = Field(default_factory=list)
    agent_id: Ids = Field(default_factory=list)
    manufacturer: Annotated[Words, Field(description="Whole names, in any case", examples=[["HP"]])] = Field(
        default_factory=list
    )
    model: Annotated[Words, Field(description="Whole names, in any case", examples=[["Example Laser 500"]])] = Field(
        default_factory=list
    )
    firmware: Annotated[Words, Field(description="Whole versions, in any case", examples=[["2.81.1"]])] = Field(
        default_factory=list
    )
    read_by: Annotated[list[ReadBy], Field(examples=[["hand"]])] = Field(default_factory=list)
    registration: Annotated[list[Registration], Field(examples=[["registered"]])] = Field(default_factory=list)
    tag: Annotated[list[Tag], Field(max_length=MOST_VALUES, description="Any of these", examples=[["lease-2024"]])] = (
        Field(default_factory=list)
    )
    search: Annotated[
        Words,
        Field(
            description="How a serial number, asset tag, host name, address, MAC address or location begins",
            examples=[["PHB12"]],
        ),
    ] = Field(default_factory=list)
    supply_below: Annotated[
        Annotated[int, WRITTEN] | None,
        Field(description=f"Lowest supply below this: {', '.join(map(str, LOW_STEPS))}", examples=[20]),
    ] = None
    communication: Annotated[list[CommunicationFilter], Field(examples=[["noncommunicating"]])] = Field(
        default_factory=list
    )
    managed_status: Annotated[list[ManagedStatus], Field(examples=[["managed"]])] = Field(default_factory=list)
    eligibility_status: Annotated[
        list[EligibilityStatus],
        Field(description="What the rule of eligibility says (ELG-01)", examples=[["eligible"]]),
    ] = Field(default_factory=list)
    question: Annotated[
        list[Question],
        Field(description="What people are asked about the printer and have not answered", examples=[["site_move"]]),
    ] = Field(default_factory=list)

    retired: YesOrNo = Field(
        default=False, description="Those that are out of service, instead of those that are in it", examples=[True]
    )

    @field_validator("supply_below")
    @classmethod
    def _at_an_edge(cls, value: int | None) -> int | None:
        if value is not None and value not in LOW_STEPS:
            raise ValueError(f"Ask for one of {', '.join(map(str, LOW_STEPS))}")
        return value

    @property
    def is_empty(self) -> bool:
        """Whether it leaves all in."""
        return self == PrinterFilter()

    @property
    def is_joined(self) -> bool:
        """Whether it asks for what is not in a printer's own item."""
        return any(getattr(self, name) for name in _JOINED)

    def fits_meta(self, meta: Item) -> bool:
        """Whether a printer's own item fits, as far as it says."""
        return (
            all(_is_one_of(meta.get(name), getattr(self, name)) for name in _EQUAL)
            and all(_is_in_any_case(meta.get(name), getattr(self, name)) for name in _EQUAL_IN_ANY_CASE)
            and (not self.read_by or ReadBy.of(meta) in self.read_by)
            and (not self.tag or not set(self.tag).isdisjoint(meta.get("tags", ())))
            and (self.supply_below is None or meta.get("lowest_supply", self.supply_below) < self.supply_below)
            and (not self.question or any(each.value in meta for each in self.question))
            and (not self.search or any(_begins(meta, word) for word in self.search))
        )

    def fits_printer(self, printer: Printer) -> bool:
        """Whether what was joined fits."""
        if self.managed_status and printer.managed_status not in self.managed_status:
            return False
        if self.eligibility_status and printer.eligibility_status not in self.eligibility_status:
            return False
        return not self.communication or any(each.fits(printer) for each in self.communication)


def _is_one_of(value: Any, wanted: list[Any]) -> bool:  # noqa: ANN401 - any stored value
    return not wanted or value in wanted


def _is_in_any_case(value: str | None, wanted: list[str]) -> bool:
    return not wanted or (value is not None and value.casefold() in {each.casefold() for each in wanted})


def _begins(meta: Item, word: str) -> bool:
    start = word.casefold()
    return any(str(meta.get(name) or "").casefold().startswith(start) for name in _SEARCHED)
