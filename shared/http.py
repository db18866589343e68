"""The resolvers of both APIs: validation, problem documents, idempotent POSTs, pages."""

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any, Final, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict

from shared.clock import utc_now
from shared.directory import standing
from shared.errors import FieldError, Invalid, PlatenError, TooManyRequests, Unavailable
from shared.fault_texts import fault_text
from shared.idempotency import run_once, run_once_unkept
from shared.observability import failure, logger
from shared.problems import PROBLEM_JSON, Problem, problem, status_of
from shared.scopes import demand_scopes
from shared.tenancy import AgentCaller, Caller
from shared.text_rules import refused_texts

IDEMPOTENCY_HEADER: Final = "idempotency-key"
RETRY_AFTER_SECONDS: Final = 5
MAX_ERRORS: Final = 50
MAX_POINTER: Final = 200
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

Limit = Annotated[int, Query(ge=1, le=200, description="Items a page")]
Cursor = Annotated[str | None, Query(max_length=1024, description="The `next_cursor` of the page before")]

PROBLEMS: Final[dict[int, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "content": {PROBLEM_JSON: {"model": Problem}}}
    for status in (400, 401, 403, 404, 409, 422, 429)
}
"""What any partner operation may answer besides its success; give it as ``responses`` of a route."""

PRECONDITIONS: Final[dict[int, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "content": {PROBLEM_JSON: {"model": Problem}}}
    for status in (412, 428)
}
"""What an operation that needs If-Match may answer besides `PROBLEMS`."""

PRECONDITION: Final[dict[int, Any]] = {412: PRECONDITIONS[412]}
"""What an operation that heeds If-Match where it is sent may answer besides `PROBLEMS`."""


class ApiModel(BaseModel):
    """Bodies that people write: an unknown field is an error that names it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


def partner_api() -> APIGatewayRestResolver:
    """A resolver of the partner API; `caller_of` gives its caller.

    Every request passes `demand_scopes` and `_admit` before its route: no route can forget them.
    """
    app = APIGatewayRestResolver(enable_validation=True, response_validation_error_http_code=500)
    demand_scopes(app)
    app.use([_admit])
    _answer_problems(app)
    return app


def agent_api() -> APIGatewayHttpResolver:
    """A resolver of the agent API; `agent_of` gives its caller."""
    app = APIGatewayHttpResolver(enable_validation=True, response_validation_error_http_code=500)
    _answer_problems(app)
    return app


def caller_of(app: APIGatewayRestResolver | APIGatewayRouter) -> Caller:
    """Who called, with the scope that the route `needs`; `Unauthenticated` when no authorizer vouched for anybody."""
    return Caller.from_rest_event(app.current_event.raw_event)


def agent_of(app: APIGatewayHttpResolver) -> AgentCaller:
    """The agent that called; `Unauthenticated` or `Forbidden` otherwise."""
    return AgentCaller.from_http_event(app.current_event.raw_event)


def created(body: BaseModel | Mapping[str, Any], location: str) -> Response[Any]:
    """201 with the new thing and where it is."""
    return Response(
        status_code=int(HTTPStatus.CREATED),
        content_type="application/json",
        body=body if isinstance(body, BaseModel) else dict(body),
        headers={"Location": location},
    )


def serve(
    app: APIGatewayRestResolver, event: dict[str, Any], context: LambdaContext, *, shows_secret: bool = False
) -> dict[str, Any]:
    """Resolve a partner request; a POST with an Idempotency-Key is answered once and then replayed.

    An answer that ``shows_secret`` is not kept: its route says what a repetition gets. Another body is refused as ever.
    """
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    key = headers.get(IDEMPOTENCY_HEADER)
    if event.get("httpMethod") != "POST" or not key:
        return resolve(app, event, context)
    try:
        caller = Caller.from_rest_event(event)
        scope = [caller.tenant_id, caller.key_id, _path(event), key]
        run = run_once_unkept if shows_secret else run_once
        return run(scope, event.get("body"), lambda: resolve(app, event, context), context)
    except PlatenError as error:
        return as_lambda_answer(error)


def is_at(event: Mapping[str, Any], path: str) -> bool:
    """True when a request is for that path; slashes at its end count for nothing, as in the resolver."""
    return _path(event) == path


def ends_with(event: Mapping[str, Any], segment: str) -> bool:
    """True when the last segment of a request's path is that one, read as `is_at` reads it."""
    return _path(event).rpartition("/")[2] == segment


def resolve(app: ApiGatewayResolver, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The proxy answer of a resolver; an answer without a body has an empty one, as API Gateway wants it."""
    answer = app.resolve(event, context)
    return answer if answer.get("body") is not None else answer | {"body": ""}


def as_lambda_answer(error: PlatenError) -> dict[str, Any]:
    """A problem as an API Gateway proxy answer, for entry points outside a resolver."""
    status = status_of(error)
    return {
        "statusCode": int(status),
        "headers": {"Content-Type": PROBLEM_JSON},
        "body": json.dumps(problem(status, error.code, error.detail, error.errors)),
        "isBase64Encoded": False,
    }


def _admit(
    app: APIGatewayRestResolver, next_middleware: Callable[[APIGatewayRestResolver], Response[Any]]
) -> Response[Any]:
    """Let a request that fits its schema through, unless its key has died or its texts cannot be shown.

    A parameter that the operation does not have is refused: a misspelt filter would list everything.
    """
    event = app.current_event
    known = sorted(each.alias for each in app.context["_route"].dependant.query_params)
    unknown = sorted({*event.resolved_query_string_parameters} - {*known})
    if unknown:
        detail = f"This operation has {', '.join(known)}." if known else "This operation has no parameters."
        errors = tuple(FieldError(f"query:{name}", detail) for name in unknown[:MAX_ERRORS])
        raise Invalid("unknown_parameter", "The request has parameters that are not known.", _cut(errors))
    if event.http_method not in _READS:
        standing.refuse_dead_key(Caller.from_rest_event(event.raw_event), utc_now())
        errors = tuple(islice(refused_texts(_json_of(event)), MAX_ERRORS))
        if errors:
            raise Invalid("invalid_request", "The request has characters that no text may have.", _cut(errors))
    return next_middleware(app)


def _json_of(event: BaseProxyEvent) -> Any:  # noqa: ANN401 - any JSON
    """The body as JSON; None when there is none, or when its route reads another form."""
    try:
        return event.json_body
    except ValueError:
        return None


def _cut(errors: tuple[FieldError, ...]) -> tuple[FieldError, ...]:
    return tuple(FieldError(error.pointer[:MAX_POINTER], error.detail) for error in errors)


def _answer_problems(app: ApiGatewayResolver) -> None:
    handles: Callable[[type[Exception]], Callable[[_Handler], _Handler]] = app.exception_handler

    @handles(PlatenError)
    def answer_known(error: PlatenError) -> Response[Any]:
        status = status_of(error)
        headers: dict[str, str | list[str]] = {}
        if isinstance(error, (TooManyRequests, Unavailable)):
            headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return _problem_response(status, error.code, error.detail, error.errors, headers)

    @handles(Exception)
    def answer_unknown(error: Exception) -> Response[Any]:
        logger("api").error("unexpected error", **failure(error))
        detail = "Something failed on our side; try again, and quote the request id if it lasts."
        return _problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail)

    not_found: Callable[[_Handler], _Handler] = app.not_found

    @not_found
    def answer_no_route(_error: Exception) -> Response[Any]:
        return _problem_response(HTTPStatus.NOT_FOUND, "no_such_route", "No operation at this method and path.")

    _answer_unreadable(app)


def _answer_unreadable(app: ApiGatewayResolver) -> None:
    handles: Callable[[type[Exception]], Callable[[_Handler], _Handler]] = app.exception_handler

    @handles(RequestValidationError)
    def answer_invalid(error: RequestValidationError) -> Response[Any]:
        found = error.errors()
        for each in found:
            if each.get("type") == "json_invalid":
                where = FieldError("/", f"{each['ctx']['error']} at character {each['loc'][-1]}")
                return _problem_response(HTTPStatus.BAD_REQUEST, "not_json", "The body is not valid JSON.", (where,))
        errors = tuple(FieldError(_pointer(each["loc"]), fault_text(each)) for each in found[:MAX_ERRORS])
        detail = "The request does not fit its schema; see 'errors'."
        if len(found) > MAX_ERRORS:
            detail = f"The request does not fit its schema: {len(found)} errors, the first {MAX_ERRORS} in 'errors'."
        return _problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", detail, errors)

    @handles(RequestUnsupportedContentType)
    def answer_media_type(_error: RequestUnsupportedContentType) -> Response[Any]:
        where = FieldError("header:Content-Type", "Send 'application/json'.")
        detail = "The body is of a type that this operation does not read."
        return _problem_response(HTTPStatus.BAD_REQUEST, "unsupported_media_type", detail, (where,))

    @handles(RecursionError)
    def answer_too_deep(_error: RecursionError) -> Response[Any]:
        # Nothing of ours recurses but into what was sent.
        where = FieldError("/", "Nested more deeply than any schema of this API.")
        return _problem_response(HTTPStatus.BAD_REQUEST, "not_json", "The body is nested too deeply.", (where,))


def _path(event: Mapping[str, Any]) -> str:
    # The resolver's patterns end in "$", before which one line feed may stand.
    return str(event.get("path")).removesuffix("\n").rstrip("/")


_Handler = TypeVar("_Handler", bound=Callable[..., Any])


def _problem_response(
    status: HTTPStatus,
    code: str,
    detail: str,
    errors: tuple[FieldError, ...] = (),
    headers: dict[str, str | list[str]] | None = None,
) -> Response[Any]:
    body = json.dumps(problem(status, code, detail, errors))
    return Response(status_code=int(status), content_type=PROBLEM_JSON, body=body, headers=headers)


def _pointer(location: Sequence[object]) -> str:
    """``("body", "name")`` as ``/name``; other places by name, as ``query:limit``."""
    place, *rest = [str(part) for part in location] or [""]
    pointer = "/" + "/".join(rest) if place == "body" else f"{place}:{'/'.join(rest)}"
    return pointer[:MAX_POINTER]
