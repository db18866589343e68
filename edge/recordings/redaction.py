"""What a recording leaves out: who, where, which address, which job. Printers are recorded, never people."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Final

from edge.profiles.makers import brand_of
from edge.profiles.terms import JOB_LISTS
from edge.recordings.recording import IP_ADDRESS, Row, Rows
from edge.snmp import oids
from edge.snmp.addresses_in_text import addresses_in
from edge.snmp.codec import Oid

_SYSTEM: Final = (*oids.MIB_2, 1)
_PRINTER: Final = oids.PRINTER_MIB
_LEAST_NAME: Final = 3


class LeftOut(StrEnum):
    """Why a value is not in a recording."""

    CONTACT = "contact person"
    LOCATION = "location"
    HOST_NAME = "host name"
    ADDRESS = "IP address"
    MAIL = "mail address"
    LINK = "link or path to a server"
    CHANNEL = "channel information (may hold addresses)"
    PANEL = "panel text (may hold users and jobs)"
    JOB = "print jobs"


COLUMNS: Final[dict[Oid, LeftOut]] = {
    (*_SYSTEM, 4): LeftOut.CONTACT,
    oids.SYS_NAME: LeftOut.HOST_NAME,
    oids.SYS_LOCATION: LeftOut.LOCATION,
    (*oids.PRT_GENERAL_ENTRY, 4): LeftOut.CONTACT,  # prtGeneralCurrentOperator
    (*oids.PRT_GENERAL_ENTRY, 5): LeftOut.CONTACT,  # prtGeneralServicePerson
    (*_PRINTER, 14, 1, 1, 9): LeftOut.CHANNEL,  # prtChannelInformation
    oids.PRT_CONSOLE_DISPLAY_BUFFER_TEXT: LeftOut.PANEL,
}
"""Whole columns, whatever they hold."""

_MAIL: Final = re.compile(r"[\w.+-]+@\w[\w.-]+")
_LINK: Final = re.compile(r"[a-z][a-z0-9+.-]*://|\\\\[^\\\s]", re.IGNORECASE)


def redacted(rows: Mapping[Oid, Row], panel: Collection[Oid] = ()) -> tuple[Rows, Counter[LeftOut]]:
    """The rows that may be shared, and how many that say something were left out for each reason.

    ``panel`` are the maker's objects that show the panel's text.

    A text that holds a mail address, an IP address, a link, or what the printer says its host name, contact or
    location is, goes as a whole. What a person has typed elsewhere cannot be known: look through a recording.
    """
    described = " ".join(_texts_of(rows, oids.SYS_DESCR, oids.HR_DEVICE_DESCR))
    private = _private_texts(rows, described)
    kept: Rows = {}
    left_out: Counter[LeftOut] = Counter()
    for name, row in rows.items():
        reason = LeftOut.PANEL if name in panel else _reason(name, row, private, described)
        if reason is None:
            kept[name] = row
        elif row.value:
            left_out[reason] += 1
    return kept, left_out


def _reason(name: Oid, row: Row, private: Mapping[str, LeftOut], described: str) -> LeftOut | None:
    if any(name[: len(jobs)] == jobs for jobs in JOB_LISTS):
        return LeftOut.JOB
    whole = next((reason for column, reason in COLUMNS.items() if name[: len(column)] == column), None)
    if whole is not None or row.tag == IP_ADDRESS:
        return whole or LeftOut.ADDRESS
    if not isinstance(row.value, bytes):
        return None
    if name[: len(oids.IF_PHYS_ADDRESS)] == oids.IF_PHYS_ADDRESS:
        return None  # octets that are no text
    text = _text(row.value)
    return LeftOut.HOST_NAME if _is_host_name(name, text, described) else _reason_in(text, private)


def _reason_in(text: str, private: Mapping[str, LeftOut]) -> LeftOut | None:
    for pattern, reason in ((_MAIL, LeftOut.MAIL), (_LINK, LeftOut.LINK)):
        if pattern.search(text):
            return reason
    if addresses_in(text):
        return LeftOut.ADDRESS
    folded = text.casefold()
    return next((reason for known, reason in private.items() if known in folded), None)


def _is_host_name(name: Oid, text: str, described: str) -> bool:
    """A prtGeneralPrinterName is as likely the host name, unless it is what describes the device."""
    column = oids.PRT_GENERAL_PRINTER_NAME
    return name[: len(column)] == column and not brand_of(text) and text.strip().casefold() not in described


def _private_texts(rows: Mapping[Oid, Row], described: str) -> dict[str, LeftOut]:
    """Host name, contact and location themselves, to be found wherever else they stand.

    Many printers are called as their model is: what describes the device is no one's secret.
    """
    return {
        text: reason
        for column, reason in COLUMNS.items()
        if reason in {LeftOut.CONTACT, LeftOut.HOST_NAME, LeftOut.LOCATION}
        for whole in _texts_of(rows, column)
        for text in ({whole, whole.partition(".")[0]} if reason is LeftOut.HOST_NAME else {whole})
        if len(text) >= _LEAST_NAME and text not in described and not brand_of(text)
    }


def _texts_of(rows: Mapping[Oid, Row], *columns: Oid) -> Iterator[str]:
    for name, row in rows.items():
        if isinstance(row.value, bytes) and any(name[: len(column)] == column for column in columns):
            yield _text(row.value).strip().casefold()


def _text(octets: bytes) -> str:
    """All of a text, however long; a second octet of each character, as some makers send, does not hide it."""
    return octets.replace(b"\0", b"").decode("utf-8", "replace")
