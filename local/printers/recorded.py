"""Simulated printers made of recordings, and which of them play a part in the demo."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.printers import oids
from local.printers.behaviour import Behaviour
from local.printers.clock import Clock
from local.printers.device import Purpose
from local.printers.printer import Identity, SimulatedPrinter
from local.printers.recording import RecordingError, find_recordings, read_recording
from local.printers.rows import MibView, Oid, Value
from local.printers.supplies import TONER, TONER_CARTRIDGE
from local.printers.usage import Usage

ORACLE = "oracle.json"
ADOPTED_PART_NUMBER = "DEMO-BK"
ADOPTED_SERIAL = "DEMOBK0001"
ADOPTED_PERCENT = 62.0
ADOPTED_YIELD = 6_000
ADOPTED_PAGES_PER_DAY = 240.0


def _first_text(view: MibView, column: Oid) -> str | None:
    for _, value in view.below(column):
        if isinstance(value.content, bytes):
            return value.content.decode("utf-8", "replace").strip("\0 ") or None
    return None


def identity_of(rows: Mapping[Oid, Value], expected: Mapping[str, Any]) -> Identity:
    """Who a recording is: what the folder's oracle says, else what the standard rows say."""
    view = MibView(rows)
    told = expected.get("identity", {})
    serial = told.get("serial_without_vendor_suffix") or told.get("serial")
    if not expected.get("identity_reliable", True):  # its source merged several devices
        serial = None
    model = _first_text(view, oids.HR_DEVICE_DESCR) or _first_text(view, oids.PRT_GENERAL_PRINTER_NAME)
    return Identity(
        manufacturer=expected.get("vendor"),
        model=expected.get("model") or model,
        serial=serial if told else _first_text(view, oids.PRT_GENERAL_SERIAL_NUMBER),
        mac=next(iter(told.get("mac_candidates", ())), None),
    )


def _read_oracle(folder: Path) -> Mapping[str, Any]:
    path = folder / ORACLE
    if not path.is_file():
        return {}
    try:
        walks = json.loads(path.read_text(encoding="utf-8"))["walks"]
    except (ValueError, KeyError, TypeError) as error:
        raise RecordingError(f"{path}: not an oracle of recordings: {error}") from error
    return walks if isinstance(walks, dict) else {}


def recorded_printers(folder: Path, *, clock: Clock, community: str) -> list[SimulatedPrinter]:
    """One printer a recording. They stand still, but for sysUpTime, until a command moves them.

    Raises:
        RecordingError: the folder has no recording, or one cannot be used.
    """
    oracle = _read_oracle(folder)
    printers = []
    for path in find_recordings(folder):
        rows = read_recording(path)
        alerts = [suffix[2] for suffix, _ in MibView(rows).below(oids.PRT_ALERT_ENTRY)]
        behaviour = Behaviour(clock=clock, last_alert=max(alerts, default=0))
        identity = identity_of(rows, oracle.get(path.stem, {}))
        printers.append(SimulatedPrinter(path.stem, rows, behaviour, identity=identity, community=community))
    return printers


def _has_toner(printer: SimulatedPrinter) -> bool:
    types = {value.content for _, value in printer.view().below(oids.PRT_MARKER_SUPPLIES_TYPE)}
    return not types.isdisjoint({TONER, TONER_CARTRIDGE})


def cast_recordings(printers: Sequence[SimulatedPrinter]) -> dict[Purpose, SimulatedPrinter]:
    """Chooses who orders, who breaks and who runs out of paper; the one that orders gets a toner that falls.

    Only printers that tell a serial number no other has and count pages can play: those with toner before
    the others, the least used first. The one that breaks was well when it was recorded, if there is such a one.

    Raises:
        RecordingError: fewer than three can.
    """
    serials = Counter(printer.identity.serial for printer in printers)
    able = [
        printer
        for printer in printers
        if printer.identity.serial and serials[printer.identity.serial] == 1 and printer.life_count
    ]
    if len(able) < len(Purpose):
        raise RecordingError(
            f"only {len(able)} recordings have a serial number of their own and a page count; "
            f"the demo needs {len(Purpose)}"
        )
    actor, *others = sorted(able, key=lambda printer: (not _has_toner(printer), printer.life_count))
    others.sort(key=lambda printer: printer.view().has_below(oids.PRT_ALERT_ENTRY))
    cast = dict(zip(Purpose, (actor, *others), strict=False))
    actor.adopt(
        part_number=ADOPTED_PART_NUMBER,
        serial=ADOPTED_SERIAL,
        percent=ADOPTED_PERCENT,
        yield_pages=ADOPTED_YIELD,
    )
    actor.behaviour.use(Usage(pages_per_day=ADOPTED_PAGES_PER_DAY, seed=actor.name))
    return cast
