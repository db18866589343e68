"""By what a printer is known: manufacturer and serial number; else MAC and model; never its address.

A printer with neither cannot be registered. It is kept under agent and address only so that it can be listed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from shared.directory.views import Registration
from shared.table import Item
from shared.wire.reading import Identity, MissingReason, PrinterReading

_PLACEHOLDERS: Final = frozenset(
    "unknown none na null nil default defaultstring notavailable notset notspecified notapplicable serialnumber "
    "serialno serial sn undefined invalid empty blank noserial noserialnumber systemserialnumber tobefilledbyoem "
    "test sample demo printer".split()
)
_RUNS: Final = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz")
_SHORTEST_RUN: Final = 4
SERIAL: Final = "serial_number"


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """One thing a printer is known by, as text that is equal for equal printers."""

    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """All that one reading says about who the printer is."""

    serial: IdentityKey | None
    mac: IdentityKey | None
    address: IdentityKey

    @property
    def keys(self) -> tuple[IdentityKey, ...]:
        """Every key of the claim, the strongest first."""
        return tuple(key for key in (self.serial, self.mac, self.address) if key is not None)

    @property
    def lasting(self) -> tuple[IdentityKey, ...]:
        """The keys that the printer is to be found by: the address only when there is nothing better."""
        return tuple(key for key in (self.serial, self.mac) if key is not None) or (self.address,)

    @property
    def registration(self) -> Registration:
        """Whether this is enough to register a printer."""
        return Registration.REGISTERED if self.serial or self.mac else Registration.FAILED


class Match(StrEnum):
    """How a claim was matched with what is known."""

    KNOWN = "known"
    ADOPTED = "adopted"
    """A stronger key appeared for a printer known by a weaker one."""
    NEW = "new"
    UNSURE = "unsure"
    """Nothing but an address, under which a printer stands that is known by better."""


def claim_of(identity: Identity, agent_id: str, address: str | None) -> Claim:
    """What a reading's identity amounts to."""
    manufacturer, model = _normal(identity.manufacturer), _normal(identity.model)
    serial = _reliable(identity.serial_number, model)
    mac = identity.mac_address if identity.mac_address and _is_unique(identity.mac_address) else None
    return Claim(
        serial=IdentityKey(f"SERIAL#{manufacturer}#{serial}") if serial else None,
        mac=IdentityKey(f"MAC#{mac}#{model}") if mac else None,
        address=IdentityKey(f"ADDRESS#{agent_id}#{address or ''}#{manufacturer}#{model}"),
    )


def is_unread(claim: Claim, reading: PrinterReading) -> bool:
    """True when the printer was asked who it is and gave no answer this time, so that nobody can say."""
    return claim.registration is Registration.FAILED and reading.missing.get(SERIAL) is MissingReason.NOT_ANSWERED


def unambiguous(claim: Claim, known: Mapping[IdentityKey, Item]) -> Claim:
    """The claim without its serial number when that is known to be on several printers: the MAC tells them apart."""
    is_shared = claim.serial is not None and known.get(claim.serial, {}).get("ambiguous", False)
    return replace(claim, serial=None) if is_shared else claim


def match(claim: Claim, known: Mapping[IdentityKey, Item]) -> tuple[Match, str | None]:
    """Which printer an `unambiguous` claim means, among the identity items known for its keys.

    A printer known by MAC, or only listed by its address, is adopted when a serial number appears on the same
    model; one that already has a serial number never becomes another's.
    """
    strongest = claim.lasting[0]
    if strongest in known:
        is_unsure = claim.registration is Registration.FAILED and bool(known[strongest].get("better_key"))
        return (Match.UNSURE, None) if is_unsure else (Match.KNOWN, known[strongest]["printer_id"])
    for key in (claim.mac, claim.address):
        item = known.get(key) if key is not None and key != strongest else None
        if item is not None and not item.get("better_key"):
            return Match.ADOPTED, item["printer_id"]
    return Match.NEW, None


def components(claims: Sequence[Claim]) -> list[list[int]]:
    """Positions of claims that may mean the same printer, grouped: they share a key, directly or through others."""
    group_of: dict[IdentityKey, list[int]] = {}
    for position, claim in enumerate(claims):
        merged = [position]
        for key in claim.keys:
            other = group_of.get(key)
            if other is not None and other is not merged:
                merged = other + [each for each in merged if each not in other]
        for member in merged:
            for key in claims[member].keys:
                group_of[key] = merged
    return list({id(group): group for group in group_of.values()}.values())


def _normal(text: str | None) -> str:
    return " ".join((text or "").replace("#", " ").split()).casefold()


def _reliable(serial_number: str | None, model: str) -> str | None:
    """The serial number as a key; None for a blank, a placeholder, a run such as 12345678 or one repeated symbol."""
    text = _normal(serial_number)
    symbols = "".join(symbol for symbol in text if symbol.isalnum())
    is_run = len(symbols) >= _SHORTEST_RUN and any(symbols in run for run in _RUNS)
    if symbols in _PLACEHOLDERS or len(set(symbols)) <= 1 or is_run or (model and text == model):
        return None
    return text


def _is_unique(mac_address: str) -> bool:
    return mac_address not in {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"}
