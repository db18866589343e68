"""Alerts from IPP: rows of printer-alert (PWG 5100.9 section 5), and state reasons where no row tells the same."""

from collections.abc import Mapping
from typing import Final

from edge.ipp.attributes import Attributes
from edge.ipp.codes import ALERT_CODES, OTHER, STATES, UNKNOWN, code_of_reason, number_named
from edge.ipp.rows import DEVICE, MAX_ROWS, indexed, item_at, number_in, put_row
from edge.reading.plan import ALERT_COLUMNS
from edge.reading.text import decode
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid
from shared.wire.printer_mib import ALERT_GROUP, ALERT_SEVERITY, ALERT_TRAINING

STOPPED: Final = 5  # printer-state, RFC 8011 section 5.4.11

_CRITICAL: Final = 3
_WARNING: Final = 5
_SEVERITIES: Final = {"report": 1, "warning": _WARNING, "error": _CRITICAL}  # 5: warningBinaryChangeEvent
_CODES: Final = {name.casefold(): code for name, code in ALERT_CODES.items()}


def put_alerts(answers: Answers, attributes: Attributes) -> None:
    """The rows of printer-alert, then the reasons that no row tells: of neither that part nor that code (ALR-02).

    Both are needed: many printers fill printer-alert with rows of unknown meaning. The table counts as read to its
    end only when both could be read (ALR-05); every printer has to send reasons, ``none`` when there are none.
    """
    names = attributes.texts("printer-alert-description")
    seen: set[tuple[tuple[Oid, int | bytes | None], ...]] = set()
    groups, codes = set[int](), set[int]()
    last = 0
    for index, row, at in indexed(attributes.texts("printer-alert")):
        cells = _cells(row, item_at(names, at))
        if tuple(cells.items()) in seen:  # the same row over and over, as some send it
            continue
        seen.add(tuple(cells.items()))
        put_row(answers, index, cells)
        groups.add(number_named(ALERT_GROUP, row.get("group")) or OTHER)
        codes.add(_code_in(row) or UNKNOWN)
        last = max(last, index[-1])
    for number, (keyword, severity) in enumerate(reasons(attributes), start=last + 1):
        code, group = code_of_reason(keyword)
        if group not in groups - {OTHER} and code not in codes - {UNKNOWN}:
            cells = {
                oids.PRT_ALERT_SEVERITY_LEVEL: severity,
                oids.PRT_ALERT_GROUP: group,
                oids.PRT_ALERT_CODE: code,
                oids.PRT_ALERT_DESCRIPTION: keyword.encode(),
            }
            put_row(answers, (DEVICE, number), cells)
    if attributes.texts("printer-state-reasons") and "printer-alert" not in attributes.unreadable:
        answers.finished.update(ALERT_COLUMNS)


def reasons(attributes: Attributes) -> list[tuple[str, int]]:
    """The state reasons that tell of something wrong, each once, and their severity (prtAlertSeverityLevel).

    A reason without ``-report``, ``-warning`` or ``-error`` is critical when the printer stands, else a warning.
    """
    unmarked = _CRITICAL if attributes.number("printer-state") == STOPPED else _WARNING
    found: dict[str, int] = {}
    for octets in attributes.texts("printer-state-reasons"):
        text = decode(octets).strip()
        keyword, _, suffix = text.rpartition("-")
        severity = _SEVERITIES.get(suffix) if keyword else None
        name = text if severity is None else keyword
        if name and name not in STATES:
            found.setdefault(name, severity or unmarked)
    return list(found.items())[:MAX_ROWS]


def _cells(row: Mapping[str, str], description: bytes | None) -> dict[Oid, int | bytes | None]:
    return {
        oids.PRT_ALERT_SEVERITY_LEVEL: number_named(ALERT_SEVERITY, row.get("severity")),
        oids.PRT_ALERT_TRAINING_LEVEL: number_named(ALERT_TRAINING, row.get("training")),
        oids.PRT_ALERT_GROUP: number_named(ALERT_GROUP, row.get("group")),
        oids.PRT_ALERT_GROUP_INDEX: number_in(row.get("groupindex")),
        oids.PRT_ALERT_LOCATION: number_in(row.get("location")),
        oids.PRT_ALERT_CODE: _code_in(row),
        oids.PRT_ALERT_DESCRIPTION: description,
        oids.PRT_ALERT_TIME: number_in(row.get("time")),
    }


def _code_in(row: Mapping[str, str]) -> int | None:
    code = row.get("code", "")
    return _CODES.get(code.casefold(), number_in(code))
