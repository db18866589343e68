"""Two printers under one serial number: how they are told from one printer that changed. Pure.

Makers do ship the same serial number twice, and boards come back from repair with a placeholder. A printer whose MAC
address or model changes under its serial number is the same one only while its pages go on from where they were.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from shared.attributes import Item
from shared.clock import from_key_time
from shared.wire.reading import LIFE_COUNT, PrinterReading

AT_ONCE: Final = timedelta(hours=26)
"""An idle printer is sent in full once a day: two sights within a day and a spare are of the same time."""
MOST_PAGES_A_MINUTE: Final = 200
SPARE_PAGES: Final = 1_000
"""More than a printer can print between two readings, whatever their clocks say, is another printer's count."""


class Doubt(StrEnum):
    """Why a reading under a known serial number is not the known printer's."""

    MODEL_DIFFERS = "model_differs"
    PAGES_WENT_BACK = "pages_went_back"
    PAGES_LEAPT = "pages_leapt"


@dataclass(frozen=True, slots=True)
class Sight:
    """What tells a printer from its double."""

    mac_address: str | None
    model: str | None
    address: str | None
    pages: int | None
    at: datetime

    @classmethod
    def of(cls, reading: PrinterReading) -> Self:
        """As a reading shows it."""
        counter = reading.counter(LIFE_COUNT)
        identity = reading.identity
        pages = counter.value if counter else None
        return cls(identity.mac_address, identity.model, reading.address, pages, reading.taken_at)

    @classmethod
    def stored(cls, meta: Item, state: Item) -> Self:
        """As it was seen last."""
        mac_address = last_mac(state) or meta.get("mac_address")
        model, address = meta.get("model"), meta.get("address")
        return cls(mac_address, model, address, _pages(state), from_key_time(state["taken_at"]))


def is_doubtful(state: Item, reading: PrinterReading) -> bool:
    """True when several agents read a printer and its pages went back with its MAC address: to be looked at closely.

    Each of them may be reading a printer of its own, and say of it what it always said.
    """
    if "seen_by" not in state:
        return False
    last, pages, counter = last_mac(state), _pages(state), reading.counter(LIFE_COUNT)
    is_other = last is not None and last != reading.identity.mac_address
    return is_other and counter is not None and pages is not None and counter.value < pages


def last_mac(state: Item) -> str | None:
    """The MAC address that the last reading of a printer gave; None while one agent alone reads it."""
    seen = state.get("seen_by", {}).values()
    mac_address: str | None = max(seen, key=lambda each: each["at"]).get("mac") if seen else None
    return mac_address


def _pages(state: Item) -> int | None:
    return next((row["value"] for row in state.get("counters", []) if row["name"] == LIFE_COUNT), None)


def doubt(known: Sight, seen: Sight) -> Doubt | None:
    """Why ``seen`` is another printer than ``known`` although it has its serial number; None when it may be the same.

    One MAC address is one printer, whatever else it says. Without MAC addresses only two models at two addresses at
    the same time are two printers.
    """
    other_model = bool(known.model and seen.model and _plain(known.model) != _plain(seen.model))
    if not known.mac_address or not seen.mac_address:
        elsewhere = bool(known.address and seen.address and known.address != seen.address)
        at_once = abs(seen.at - known.at) <= AT_ONCE
        return Doubt.MODEL_DIFFERS if other_model and elsewhere and at_once else None
    if known.mac_address == seen.mac_address:
        return None
    if other_model:
        return Doubt.MODEL_DIFFERS
    return _by_pages(*sorted((known, seen), key=lambda each: each.at))


def _by_pages(earlier: Sight, later: Sight) -> Doubt | None:
    if earlier.pages is None or later.pages is None:
        return None
    if later.pages < earlier.pages:
        return Doubt.PAGES_WENT_BACK
    minutes = (later.at - earlier.at) / timedelta(minutes=1)
    leapt = later.pages - earlier.pages > MOST_PAGES_A_MINUTE * minutes + SPARE_PAGES
    return Doubt.PAGES_LEAPT if leapt else None


def _plain(model: str) -> str:
    return " ".join(model.split()).casefold()
