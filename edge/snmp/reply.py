"""What a printer answers, decoded: bindings, marks for what is not there, errors."""

from enum import Enum
from typing import NamedTuple

from edge.snmp.earlier import Earlier

Oid = tuple[int, ...]


class Absent(Enum):
    """A binding without a value."""

    NO_SUCH_OBJECT = "noSuchObject"
    NO_SUCH_INSTANCE = "noSuchInstance"
    END_OF_MIB_VIEW = "endOfMibView"
    NULL = "null"
    UNREADABLE = "unreadable"


Value = int | bytes | Oid | Absent
Binding = tuple[Oid, Value]


class ErrorStatus(Enum):
    """The error-status values that a reader acts on (RFC 3416); any other one is `OTHER`."""

    NONE = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    GENERAL = 5
    NOT_AUTHORIZED = 16
    OTHER = -1


class Reply(NamedTuple):
    """A decoded response.

    Attributes:
        request_id: of the request.
        error: error-status.
        error_index: error-index.
        bindings: all of them; empty where there are changes.
        changes: where the question was asked before: the bindings that differ from then, with their places. None
            when the reply is not of the same form, so that all of them were decoded.
        kept: to be given when the same question is asked again; None when nothing earlier was given.
    """

    request_id: int
    error: ErrorStatus
    error_index: int
    bindings: list[Binding]
    changes: list[tuple[int, Binding]] | None = None
    kept: Earlier | None = None


def error_of(status: int) -> ErrorStatus:
    """The error-status of a number; `OTHER` for one that changes nothing for a reader."""
    try:
        return ErrorStatus(status)
    except ValueError:
        return ErrorStatus.OTHER
