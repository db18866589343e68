"""What a printer is known by: serial number, else hardware address, else only where it answers. Pure."""

from dataclasses import dataclass, field
from typing import Final

from shared.wire.reading import Identity

SERIAL: Final = "serial"
MAC: Final = "mac"
UNKNOWN: Final = "@"
"""Begins the key of what answers at an address and does not say who it is."""


@dataclass(slots=True)
class KnownPrinter:
    """One printer: what tells it from others, and where it is.

    Attributes:
        key: what it is known by, as `key_of` makes it.
        target: where it answers, or did last; None when another answers there now.
        seconds: further addresses at which the same printer answers.
    """

    key: str
    target: str | None
    serial_number: str | None = None
    mac_address: str | None = None
    model: str | None = None
    seconds: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    silences: int = 0

    @property
    def is_identified(self) -> bool:
        """Whether it has a serial number or a hardware address."""
        return not self.key.startswith(UNKNOWN)


def key_of(identity: Identity, target: str, holder: KnownPrinter | None) -> str:
    """What the printer that answered at ``target`` is known by.

    Manufacturer and serial number; else the hardware address; else only the target. An answer that leaves out what
    identified the printer there is that printer's still, unless something in it contradicts.

    Args:
        identity: as read.
        target: where.
        holder: the printer that was known to be there.
    """
    own = _own_key(identity)
    if holder is None or contradicts(identity, holder):
        return own or f"{UNKNOWN}{target}"
    if own is None or holder.key.startswith(f"{SERIAL}|"):
        return holder.key
    return own


def _own_key(identity: Identity) -> str | None:
    serial = _normal(identity.serial_number)
    if serial and len(set(filter(str.isalnum, serial))) > 1:
        return f"{SERIAL}|{_normal(identity.manufacturer)}|{serial}"
    return f"{MAC}|{identity.mac_address}" if identity.mac_address else None


def contradicts(identity: Identity, holder: KnownPrinter) -> bool:
    """Whether an answer is not the holder's: by the strongest thing that both say."""
    pairs = (
        (_normal(identity.serial_number), _normal(holder.serial_number)),
        (identity.mac_address, holder.mac_address),
        (_normal(identity.model), _normal(holder.model)),
    )
    told = next(((said, known) for said, known in pairs if said and known), None)
    return told is not None and told[0] != told[1]


def _normal(text: str | None) -> str:
    return " ".join((text or "").replace("|", " ").split()).casefold()
