"""Remembers how each printer is best asked, across restarts and moves to another address."""

import json
import time
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from edge.files import StateFolderError, write_private
from edge.log import get_logger
from edge.reading.access import AccessPlan
from shared.wire.reading import Identity

FILE_NAME: Final = "access.json"
MAX_PRINTERS: Final = 8_192
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
SAVE_SECONDS: Final = 60.0
_VERSION: Final = 1
log = get_logger()


def printer_key(identity: Identity) -> str | None:
    """What a printer is known by wherever it stands: manufacturer and serial number; None without a serial number."""
    if identity.serial_number is None:
        return None
    return f"{identity.manufacturer or ''}/{identity.serial_number}"


def fingerprint_of(identity: Identity) -> str:
    """A short mark of model and firmware; another one means that what was learnt may no longer hold."""
    parts = (identity.manufacturer, identity.model, identity.firmware, identity.sys_object_id, identity.sys_descr)
    return sha256(repr(parts).encode()).hexdigest()[:16]


class AccessMemory:
    """One `AccessPlan` a printer, by serial number where it is known, else by address; the longest unused go first.

    Args:
        path: file to keep the plans in; None keeps them in memory only. A file that cannot be read is logged
            and begun anew: what it held is learnt again.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._plans: dict[str, AccessPlan] = {}
        self._keys: dict[str, str] = {}
        self._saved_at = time.monotonic()
        self._fault: str | None = None
        if path is not None:
            self._load(path)

    def __len__(self) -> int:
        return len(self._plans)

    def plan_of(self, target: str) -> AccessPlan:
        """The plan of whatever printer was last met at an address; a new one for a new address."""
        key = self._keys.get(target)
        plan = None if key is None else self._plans.pop(key, None)
        if key is None or plan is None:
            key, plan = _of_address(target), AccessPlan()
        self._put(target, key, plan)
        return plan

    def recognise(self, target: str, key: str | None) -> AccessPlan:
        """The plan of the printer that now turned out to be at an address: its own one from elsewhere, if it moved.

        Args:
            target: the address.
            key: `printer_key` of what answers there; None leaves all as it is.
        """
        here = self.plan_of(target)
        known_as = self._keys[target]
        if key is None or key == known_as:
            return here
        plan = self._plans.pop(key, None)
        if plan is None:
            # A plan by address becomes the printer's own; that of another printer stays with that one.
            if known_as == _of_address(target):
                plan = self._plans.pop(known_as, here)
            else:
                plan = AccessPlan(credentials=here.credentials)
            plan.changed = True
        self._put(target, key, plan)
        return plan

    def save(self, *, at_once: bool = False) -> None:
        """Write the plans down when one changed, at most once a minute unless told otherwise.

        Safe to repeat: the file is replaced as a whole. A disk that refuses is logged once and costs nothing else.
        """
        now = time.monotonic()
        if self._path is None or (now - self._saved_at < SAVE_SECONDS and not at_once):
            return
        self._saved_at = now
        if not any(plan.changed for plan in self._plans.values()):
            return
        try:
            write_private(self._path, json.dumps(self._as_document(), separators=(",", ":")).encode())
        except StateFolderError as error:
            if self._fault is None:
                log.warning("what was learnt of printers cannot be kept", reason=str(error))
            self._fault = str(error)
            return
        self._fault = None
        for plan in self._plans.values():
            plan.changed = False

    def _put(self, target: str, key: str, plan: AccessPlan) -> None:
        """At the end of both tables: those at their beginning were not used for the longest time."""
        self._keys.pop(target, None)
        self._keys[target] = key
        self._plans[key] = plan
        for table in (self._plans, self._keys):
            while len(table) > MAX_PRINTERS:
                table.pop(next(iter(table)))

    def _as_document(self) -> dict[str, Any]:
        rows = {key: row for key, plan in self._plans.items() if (row := plan.as_row())}
        keys = {target: key for target, key in self._keys.items() if key in rows}
        return {"version": _VERSION, "printers": rows, "addresses": keys}

    def _load(self, path: Path) -> None:
        try:
            document = _document(path)
            plans = {str(key): AccessPlan.from_row(row) for key, row in document["printers"].items()}
            keys = {str(target): str(key) for target, key in document["addresses"].items() if key in plans}
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            log.warning("what was learnt of printers is lost and learnt again", reason=f"{path.name}: {error}"[:200])
            return
        self._plans = dict(list(plans.items())[-MAX_PRINTERS:])
        self._keys = {target: key for target, key in list(keys.items())[-MAX_PRINTERS:] if key in self._plans}


def _document(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"larger than {MAX_FILE_BYTES} bytes")
    document: dict[str, Any] = json.loads(path.read_bytes())
    if document["version"] != _VERSION:
        raise ValueError(f"version {document['version']!r}, not {_VERSION}")
    return document


def _of_address(target: str) -> str:
    return f"@{target}"
