"""RFC 9457 problem documents and the only mapping from our errors to status codes."""

from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, Field

from shared.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PlatenError,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

PROBLEM_JSON: Final = "application/problem+json"
STATUS: Final[dict[type[PlatenError], HTTPStatus]] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


class ProblemField(BaseModel):
    """One field that is wrong and what it should be."""

    pointer: str = Field(examples=["/name"])
    detail: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str = Field(examples=["urn:platen:problem:not_found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["not_found"])
    detail: str = Field(examples=["No printer with id 'prn_x' is visible to this key."])
    errors: list[ProblemField] = Field(default_factory=list)


def status_of(error: PlatenError) -> HTTPStatus:
    """The status of the error's category."""
    return next(status for category, status in STATUS.items() if isinstance(error, category))


def problem(status: HTTPStatus, code: str, detail: str, errors: tuple[FieldError, ...] = ()) -> dict[str, Any]:
    """A problem document as a JSON object."""
    fields = [ProblemField(pointer=error.pointer, detail=error.detail) for error in errors]
    return Problem(
        type=f"urn:platen:problem:{code}",
        title=status.phrase,
        status=int(status),
        code=code,
        detail=detail,
        errors=fields,
    ).model_dump()
