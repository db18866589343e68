"""What is asked of a printer over IPP, why, and what it answered: the whole list, for the customer's IT to approve."""

from dataclasses import dataclass
from typing import Final

REQUESTED_ATTRIBUTES: Final = {
    "printer-make-and-model": "maker and model",
    "printer-device-id": "maker, model and serial number, where the attributes of their own are missing",
    "printer-serial-number": "serial number, by which the printer is known",
    "printer-location": "where it stands",
    "printer-firmware-string-version": "firmware version",
    "printer-state": "idle, printing or stopped",
    "printer-state-reasons": "what is wrong or about to be",
    "printer-state-message": "the text on its panel",
    "printer-up-time": "since when it runs, to date its alerts",
    "printer-alert": "what is wrong or about to be, as rows of the alert table",
    "printer-alert-description": "the printer's words for that",
    "printer-supply": "toner, ink, drums, waste containers: kind, capacity, level",
    "printer-supply-description": "the printer's names for them",
    "marker-names": "names of the supplies, of printers without printer-supply",
    "marker-types": "their kinds",
    "marker-colors": "their colours",
    "marker-levels": "their levels in percent",
    "printer-impressions-completed": "sides printed: the page count",
    "printer-impressions-completed-col": "sides printed in black and in colour",
    "printer-media-sheets-completed": "sheets printed, of printers that do not count sides",
    "printer-input-tray": "trays: kind, capacity, level",
    "printer-output-tray": "output bins: kind, capacity, room left",
}
"""Each attribute that Get-Printer-Attributes names, with what it is for (RFC 8011, PWG 5100.9, PWG 5100.13, and the
marker attributes of CUPS). Nothing of jobs, users or documents is among them, and nothing is asked beyond them: what a
printer answers unasked is dropped before it is decoded."""

Item = int | bytes | dict[str, int]
"""A value: a number (integer, enum, boolean), octets (every kind of text) or a collection of numbers."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """What one printer answered.

    Attributes:
        items: values by attribute; an attribute that the printer has no value for is not there.
        unreadable: attributes that it sent in a way that cannot be read.
    """

    items: dict[str, list[Item]]
    unreadable: frozenset[str] = frozenset()

    def numbers(self, name: str) -> list[int]:
        """The numbers of an attribute, in order."""
        return [item for item in self.items.get(name, []) if isinstance(item, int)]

    def number(self, name: str) -> int | None:
        """The attribute's number, when it is exactly one."""
        found = self.items.get(name, [])
        return found[0] if len(found) == 1 and isinstance(found[0], int) else None

    def texts(self, name: str) -> list[bytes]:
        """The texts of an attribute as octets, in order."""
        return [item for item in self.items.get(name, []) if isinstance(item, bytes)]

    def text(self, name: str) -> bytes | None:
        """The first text of an attribute that is not blank."""
        return next((octets for octets in self.texts(name) if octets.strip()), None)

    def collection(self, name: str) -> dict[str, int]:
        """The numbers of a collection by member; empty when there is none."""
        found = self.items.get(name, [])
        return found[0] if len(found) == 1 and isinstance(found[0], dict) else {}
