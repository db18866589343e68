"""Lambda authorizer of the partner REST API: an ``x-api-key`` becomes a tenant, an organisation and scopes.

It answers a policy for the whole stage, because API Gateway caches it, by key and source address, for all routes; what
a key may do is decided by its scopes in the handlers. Anything but a live key is 401; a live key from a network that it
may not call from is 403.
"""

from typing import Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.accounts.api_keys.models import ApiKey
from functions.accounts.api_keys.partner_keys import note_use, recognise
from functions.accounts.api_keys.source_addresses import admits
from functions.accounts.wiring import partner_keys
from shared.clock import utc_now
from shared.names import ACCOUNTS_SERVICE, API_KEY_HEADER, ROTATED_KEYS_USED_METRIC
from shared.observability import logger, metrics

LOGGER = logger(ACCOUNTS_SERVICE)
MEASURES = metrics(ACCOUNTS_SERVICE)
_ALLOW: Final = "Allow"
_DENY: Final = "Deny"


@LOGGER.inject_lambda_context
@MEASURES.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """The policy and context of the key's holder; raises "Unauthorized", which API Gateway turns into 401."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    text, now = headers.get(API_KEY_HEADER) or "", utc_now()
    kept = partner_keys()
    key = recognise(kept, text, now)
    if key is None:
        LOGGER.info("key refused")
        raise Exception("Unauthorized")  # noqa: TRY002 - the very words API Gateway waits for
    identity = (event.get("requestContext") or {}).get("identity") or {}
    if not admits(key.allowed_cidrs, identity.get("sourceIp")):
        LOGGER.warning("key used from a network that it may not call from", key_id=key.key_id)
        return _verdict(key, event["methodArn"], _DENY)
    if note_use(kept, key, text, now) and key.used_after_rotation_on(now.date()):
        LOGGER.warning("rotated key still used", key_id=key.key_id, next_key_id=key.next_key_id)
        MEASURES.add_metric(name=ROTATED_KEYS_USED_METRIC, unit="Count", value=1)
    return _verdict(key, event["methodArn"], _ALLOW)


def _verdict(key: ApiKey, method_arn: str, effect: str) -> dict[str, Any]:
    api, stage, *_ = method_arn.split("/")
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": f"{api}/{stage}/*/*"}
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
