"""The few ways a request can fail. `shared.http` alone knows their status codes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; ``pointer`` is a JSON pointer into the body, or ``header:``/``query:`` name."""

    pointer: str
    detail: str


class PlatenError(Exception):
    """A foreseeable failure: ``code`` is for programs, ``detail`` says what to do about it."""

    def __init__(self, code: str, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors


class Malformed(PlatenError):
    """The request cannot be read."""


class Unauthenticated(PlatenError):
    """No credential, or one that is not valid (any more)."""


class Forbidden(PlatenError):
    """A valid credential without the right to do this."""


class NotFound(PlatenError):
    """No such thing, or another tenant's: the two are never told apart."""

    def __init__(self, kind: str, entity_id: str) -> None:
        super().__init__("not_found", f"No {kind} with id '{entity_id[:64]}' is visible to this key.")


class Conflict(PlatenError):
    """The present state does not allow it."""


class PreconditionFailed(PlatenError):
    """Somebody else changed it since the caller looked."""


class PreconditionRequired(PlatenError):
    """The caller has to say which version it looked at."""


class Invalid(PlatenError):
    """Readable, but a rule refuses it."""


class TooLarge(PlatenError):
    """More than the documented bound."""


class TooManyRequests(PlatenError):
    """Slow down; the answer carries Retry-After."""


class Unavailable(PlatenError):
    """A dependency is not answering: worth a retry."""
