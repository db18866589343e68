"""Every built-in model, in the order the fleet gives them addresses."""

from typing import Final

from local.printers.device import PrinterModel
from local.printers.models import colour, label, mono

MODELS: Final[tuple[PrinterModel, ...]] = (
    mono.HP_M500,
    mono.KYOCERA_P3000,
    mono.LEXMARK_MX700,
    mono.CANON_LBP670,
    mono.BROTHER_L6400,
    colour.XEROX_C8000,
    colour.HP_M455,
    colour.RICOH_C3000,
    colour.KONICA_C360,
    colour.EPSON_C5800,
    label.ZEBRA_ZT411,
    mono.KYOCERA_9003,
    mono.CANON_IR_2006,
    mono.SILENT,
)
