"""Lambda authorizer of the partner REST API: an ``x-api-key`` becomes a tenant, an organisation and scopes.

It answers a policy for the whole stage, because API Gateway caches it by key for all routes; what a key
may do is decided by its scopes in the handlers. Anything but a live key is 401.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.accounts.key_models import ApiKey
from functions.accounts.partner_keys import recognise
from functions.accounts.wiring import partner_keys
from shared.clock import utc_now
from shared.names import API_KEY_HEADER
from shared.observability import logger

LOGGER = logger("accounts")


@LOGGER.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """The policy and context of the key's holder; raises "Unauthorized", which API Gateway turns into 401."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    key = recognise(partner_keys(), headers.get(API_KEY_HEADER) or "", utc_now())
    if key is None:
        LOGGER.info("key refused")
        raise Exception("Unauthorized")  # noqa: TRY002 - the very words API Gateway waits for
    return _admission(key, event["methodArn"])


def _admission(key: ApiKey, method_arn: str) -> dict[str, Any]:
    api, stage, *_ = method_arn.split("/")
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*/*"}
    return {
        "principalId": key.key_id,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {
            "tenant_id": key.tenant_id,
            "organization_id": key.organization_id,
            "organization_path": key.organization_path,
            "key_id": key.key_id,
            "scopes": " ".join(key.scopes),
        },
    }
