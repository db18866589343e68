"""The fleets that reading is measured on: with 149 values a printer, as the targets were set with, and with fewer."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from bench import multifunction
from bench.unread import unread_rows
from local.printers.clock import Clock
from local.printers.device import PrinterModel
from local.printers.fleet import model_printer
from local.printers.models.catalogue import MODELS
from local.printers.printer import SimulatedPrinter

_MAC_OCTETS: Final = 3


class Fleet(StrEnum):
    """Which models there are."""

    LARGE = "large"
    """Three multi-function colour printers, 149 values as a mean: what the targets were set with."""
    SMALL = "small"
    """The built-in models, 68 values as a mean, with the tables that no reading needs beside them."""


def models_of(fleet: Fleet) -> Sequence[PrinterModel]:
    """The models, with all their rows."""
    if fleet is Fleet.LARGE:
        return multifunction.MODELS
    unread = dict(unread_rows())
    alive = (model for model in MODELS if not model.silent)
    return [replace(model, vendor_rows={**unread, **model.vendor_rows}) for model in alive]


def many_printers(count: int, dead: int, clock: Clock, fleet: Fleet = Fleet.SMALL) -> list[SimulatedPrinter]:
    """The models over and over, each with a serial number and MAC of its own; every so often a dead one."""
    models = models_of(fleet)
    printers = []
    for place in range(count):
        model = models[place % len(models)]
        mac = model.mac and model.mac[: -3 * _MAC_OCTETS] + "".join(
            f":{octet:02x}" for octet in place.to_bytes(_MAC_OCTETS, "big")
        )
        serial = model.serial and f"{model.serial[:-4]}{place:04d}"
        printers.append(model_printer(replace(model, serial=serial, mac=mac), clock=clock))
    for place in spread(dead, count):
        printers[place].behaviour.go_silent()
    return printers


def spread(few: int, count: int, shift: int = 0) -> list[int]:
    """So many numbers of ``range(count)``, evenly apart; a small ``shift`` gives as many others."""
    return [place * count // few + shift for place in range(few)]
