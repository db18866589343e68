"""What the partner API itself answers when it refuses a request: problem documents like those of the functions."""

import json
from typing import Final, NamedTuple

from aws_cdk import aws_apigateway as apigateway


class _Refusal(NamedTuple):
    kind: str
    status: int
    title: str
    code: str
    detail: str


_TRY_LATER: Final = "Something failed on our side; try again, and quote the request id if it lasts."
_NO_KEY: Final = "Send a valid partner key in the x-api-key header."
# The authorizer denies for no other reason.
_NO_NETWORK: Final = "This key may not be used from this network address; see its allowed_cidrs."
_REFUSALS: Final = (
    _Refusal("UNAUTHORIZED", 401, "Unauthorized", "no_credential", _NO_KEY),
    _Refusal("ACCESS_DENIED", 403, "Forbidden", "network_not_allowed", _NO_NETWORK),
    _Refusal("WAF_FILTERED", 403, "Forbidden", "request_filtered", "The firewall refused this request."),
    # What API Gateway calls a missing token is a path it does not know.
    _Refusal(
        "MISSING_AUTHENTICATION_TOKEN", 404, "Not Found", "no_such_route", "No operation at this method and path."
    ),
    _Refusal("RESOURCE_NOT_FOUND", 404, "Not Found", "no_such_route", "No operation at this method and path."),
    _Refusal("REQUEST_TOO_LARGE", 413, "Request Entity Too Large", "body_too_large", "A body has at most 10 MB."),
    _Refusal("UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type", "unsupported_media_type", "Send JSON."),
    _Refusal("THROTTLED", 429, "Too Many Requests", "too_many_requests", "Too many requests; see Retry-After."),
    _Refusal("AUTHORIZER_FAILURE", 500, "Internal Server Error", "internal_error", _TRY_LATER),
    _Refusal("AUTHORIZER_CONFIGURATION_ERROR", 500, "Internal Server Error", "internal_error", _TRY_LATER),
    _Refusal("API_CONFIGURATION_ERROR", 500, "Internal Server Error", "internal_error", _TRY_LATER),
    _Refusal("INTEGRATION_FAILURE", 502, "Bad Gateway", "internal_error", _TRY_LATER),
    _Refusal("INTEGRATION_TIMEOUT", 504, "Gateway Timeout", "timeout", "The answer took too long; try again."),
    _Refusal("DEFAULT_4XX", 400, "Bad Request", "bad_request", "The request cannot be read."),
    _Refusal("DEFAULT_5XX", 500, "Internal Server Error", "internal_error", _TRY_LATER),
)
_RETRY_AFTER_SECONDS: Final = 5


def answer_problems(api: apigateway.RestApi) -> None:
    """Shape every refusal of the API itself; the form is that of ``shared.problems.Problem`` (a test compares)."""
    for refusal in _REFUSALS:
        headers = {"Content-Type": "'application/problem+json'"}
        if refusal.kind == "THROTTLED":
            headers["Retry-After"] = f"'{_RETRY_AFTER_SECONDS}'"
        api.add_gateway_response(
            "".join(word.capitalize() for word in refusal.kind.split("_")),
            type=apigateway.ResponseType.of(refusal.kind),
            status_code=str(refusal.status),
            response_headers=headers,
            # API Gateway takes this template whatever the request accepts.
            templates={"application/json": json.dumps(_document(refusal))},
        )


def _document(refusal: _Refusal) -> dict[str, object]:
    return {
        "type": f"urn:platen:problem:{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "errors": [],
    }
