"""The scope of an operation: its route declares it once, the OpenAPI document shows it, every caller must have it."""

from typing import Any, Final

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from shared.tenancy import Caller

REQUIRED_SCOPE: Final = "x-required-scope"
"""Field of an operation in the OpenAPI document."""


def needs(scope: str) -> dict[str, str]:
    """What a partner operation asks of its caller's key; give it as ``openapi_extensions`` of the route."""
    return {REQUIRED_SCOPE: scope}


def demand_scopes(app: APIGatewayRestResolver) -> None:
    """Ask every caller for the scope of the operation, before anything of the request is read.

    An operation that declares none is served to nobody: it answers as a path that leads nowhere.
    """
    # The resolver puts its own validation before every middleware; who may not ask is not told how to ask better.
    validate = app._request_validation_middleware  # noqa: SLF001 - no public way to go before it; tests hold the order

    def demand_then_validate(resolver: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[Any]:
        scope = (resolver.context["_route"].openapi_extensions or {}).get(REQUIRED_SCOPE)
        if scope is None:
            raise NotFoundError
        Caller.from_rest_event(resolver.current_event.raw_event).require(scope)
        answer: Response[Any] = validate(resolver, next_middleware)
        return answer

    app._request_validation_middleware = demand_then_validate  # type: ignore[assignment]  # noqa: SLF001 - as above
