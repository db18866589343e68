"""Events as API Gateway sends them to a proxy function, and callers as our authorizers vouch for them."""

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from shared.names import PARTNER_SCOPES, Scope
from shared.tenancy import AgentCaller, Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

ROOT_ORGANIZATION: Final = "org_01jd2x00000000000000000001"
CHILD_ORGANIZATION: Final = "org_01jd2x00000000000000000002"
FOREIGN_ORGANIZATION: Final = "org_01jd2x00000000000000000009"
OPERATOR_ORGANIZATION: Final = "org_01jd2x00000000000000000000"
SITE: Final = "site_01jd2x00000000000000000001"
AGENT: Final = "agt_01jd2x00000000000000000001"
AGENT_KID: Final = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class FunctionContext:
    """What the Lambda runtime hands to a handler, as far as Powertools reads it."""

    function_name: str = "function-under-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:function-under-test"
    aws_request_id: str = "5f0e9a43-4a6d-4f0e-9d1c-000000000001"
    function_version: str = "$LATEST"
    log_group_name: str = "/aws/lambda/function-under-test"
    log_stream_name: str = "stream"
    tenant_id: str | None = None

    def get_remaining_time_in_millis(self) -> int:
        """Time left before the runtime stops the function."""
        return 10_000


def function_context() -> "LambdaContext":
    """A context for calling a ``lambda_handler`` directly."""
    context: Any = FunctionContext()
    typed: LambdaContext = context
    return typed


def partner(
    organization_id: str = ROOT_ORGANIZATION,
    *,
    tenant_id: str = ROOT_ORGANIZATION,
    organization_path: str | None = None,
    scopes: "tuple[str, ...]" = PARTNER_SCOPES,
    key_id: str = "key_01jd2x00000000000000000001",
) -> Caller:
    """A partner key's holder: the tenant's root with every partner scope unless said otherwise."""
    if organization_path is None:
        below = "" if organization_id == tenant_id else f"{organization_id}/"
        organization_path = f"/{tenant_id}/{below}"
    return Caller(tenant_id, organization_id, organization_path, key_id, frozenset(scopes))


def operator() -> Caller:
    """The installation's operator, who also holds every partner scope."""
    return partner(
        OPERATOR_ORGANIZATION, tenant_id=OPERATOR_ORGANIZATION, scopes=(Scope.PLATFORM_ADMIN, *PARTNER_SCOPES)
    )


def foreign_partner() -> Caller:
    """Another tenant's root with every partner scope."""
    return partner(FOREIGN_ORGANIZATION, tenant_id=FOREIGN_ORGANIZATION, key_id="key_01jd2x00000000000000000009")


def agent_caller(
    agent_id: str = AGENT,
    *,
    organization_id: str = CHILD_ORGANIZATION,
    kid: str = AGENT_KID,
    generation: int = 0,
    nonce: str = "",
) -> AgentCaller:
    """An agent at the child organisation's site, its token verified."""
    path = f"/{ROOT_ORGANIZATION}/{organization_id}/"
    return AgentCaller(agent_id, ROOT_ORGANIZATION, organization_id, path, SITE, kid, generation, nonce)


def rest_event(
    method: str,
    path: str,
    body: object = None,
    *,
    caller: Caller | None = None,
    headers: "Mapping[str, str] | None" = None,
    query: "Mapping[str, str] | None" = None,
) -> dict[str, Any]:
    """A REST API proxy event (payload 1.0). ``path`` includes ``/v1``; ``body`` is JSON unless it is text."""
    all_headers = {"Content-Type": "application/json", "Host": "api.example.test", **(headers or {})}
    parameters = dict(query or {})
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "restapi",
        "stage": "prod",
        "requestId": "req-0001",
        "httpMethod": method,
        "path": f"/prod{path}",
        "resourcePath": path,
        "protocol": "HTTP/1.1",
        "identity": {"sourceIp": "192.0.2.10", "userAgent": "platen-tests/1"},
    }
    if caller is not None:
        context["authorizer"] = {
            "principalId": caller.key_id,
            "tenant_id": caller.tenant_id,
            "organization_id": caller.organization_id,
            "organization_path": caller.organization_path,
            "key_id": caller.key_id,
            "scopes": " ".join(sorted(caller.scopes)),
        }
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": all_headers,
        "multiValueHeaders": {name: [value] for name, value in all_headers.items()},
        "queryStringParameters": parameters or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in parameters.items()} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": context,
        "body": _text(body),
        "isBase64Encoded": False,
    }


def http_event(
    method: str,
    path: str,
    body: object = None,
    *,
    caller: AgentCaller | None = None,
    refusal: str | None = None,
    headers: "Mapping[str, str] | None" = None,
    query: "Mapping[str, str] | None" = None,
) -> dict[str, Any]:
    """An HTTP API event (payload 2.0). Bytes as ``body`` arrive base64 encoded, as gzip does.

    ``refusal`` is what our authorizer says of a bad token; neither it nor ``caller`` means a route without one.
    """
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "httpapi",
        "stage": "$default",
        "requestId": "req-0001",
        "routeKey": f"{method} {path}",
        "time": "22/Nov/2026:18:20:21 +0000",
        "timeEpoch": 1795371621000,
        "domainName": "agents.example.test",
        "domainPrefix": "agents",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.20",
            "userAgent": "platen-agent/0.1.0",
        },
    }
    if caller is not None:
        context["authorizer"] = {
            "lambda": {
                "agent_id": caller.agent_id,
                "tenant_id": caller.tenant_id,
                "organization_id": caller.organization_id,
                "organization_path": caller.organization_path,
                "site_id": caller.site_id,
                "kid": caller.kid,
                "generation": str(caller.generation),
                "generation_nonce": caller.generation_nonce,
            }
        }
    elif refusal is not None:
        context["authorizer"] = {"lambda": {"refusal": refusal}}
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"content-type": "application/json", "host": "agents.example.test", **lower},
        "queryStringParameters": dict(query) if query else None,
        "requestContext": context,
        "pathParameters": None,
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else _text(body),
        "isBase64Encoded": isinstance(body, bytes),
    }


def body_of(answer: "Mapping[str, Any]") -> Any:  # noqa: ANN401 - any JSON
    """The JSON of a proxy answer."""
    return json.loads(answer["body"])


def _text(body: object) -> str | None:
    if body is None or isinstance(body, str):
        return body
    return json.dumps(body)
