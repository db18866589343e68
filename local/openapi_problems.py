"""What goes wrong in the examples of the OpenAPI documents: one problem for each status."""

from http import HTTPStatus
from typing import Final

PROBLEMS: Final[dict[HTTPStatus, tuple[str, str, str | None, str]]] = {
    HTTPStatus.BAD_REQUEST: ("not_json", "The body is not valid JSON.", "/", "Expecting value at character 17"),
    HTTPStatus.UNAUTHORIZED: ("no_credential", "Send a valid credential.", None, ""),
    HTTPStatus.FORBIDDEN: (
        "agent_suspended",
        "This agent is suspended; keep the readings and ask the partner to resume it.",
        None,
        "",
    ),
    HTTPStatus.NOT_FOUND: (
        "not_found",
        "No printer with id 'prn_01jd2x8k3v9m4t7r5c2b6n0q1w' is visible to this key.",
        None,
        "",
    ),
    HTTPStatus.CONFLICT: ("illegal_transition", "An order that is closed cannot become cancelled.", None, ""),
    HTTPStatus.PRECONDITION_FAILED: (
        "version_changed",
        "It was changed since that version; nothing was written.",
        "header:If-Match",
        "GET it again, apply the change to what is there now, and send its ETag.",
    ),
    HTTPStatus.PRECONDITION_REQUIRED: (
        "if_match_required",
        "Say which version the change is made to.",
        "header:If-Match",
        "Send the ETag of the last GET.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("upload_too_large", "At most 1048576 bytes unpacked.", None, ""),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "invalid_request",
        "The request does not fit its schema; see 'errors'.",
        "/name",
        "Field required",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: ("too_many_requests", "Slow down; see Retry-After.", None, ""),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "internal_error",
        "Something failed on our side; try again, and quote the request id if it lasts.",
        None,
        "",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: ("store_busy", "The store is slow to answer; try again.", None, ""),
}
"""By status: code, detail, and where and what is wrong when the document names a field. 403 is that of an agent; a
partner's key is refused for the operation's scope."""
