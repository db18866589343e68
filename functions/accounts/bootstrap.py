"""Invoked by the deployer alone, once: the installation's operator and its first key."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.accounts.api_keys.partner_keys import create_operator
from functions.accounts.tree.models import OrganizationName
from functions.accounts.wiring import partner_keys
from shared.clock import utc_now
from shared.errors import Conflict
from shared.http import ApiModel
from shared.observability import logger

LOGGER = logger("accounts")


class BootstrapRequest(ApiModel):
    """Who runs this installation."""

    organization_name: OrganizationName


@LOGGER.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:  # noqa: ARG001 - Lambda's signature
    """``{"organization_id", "api_key"}``; a second call answers ``{"error": "already_bootstrapped"}``.

    Safe to repeat: the operator is written under a key that only the first call finds free.
    """
    request = BootstrapRequest.model_validate(event)
    try:
        issued = create_operator(partner_keys(), request.organization_name, utc_now())
    except Conflict as conflict:
        LOGGER.warning("bootstrap refused", code=conflict.code)
        return {"error": conflict.code, "detail": conflict.detail}
    LOGGER.info("installation bootstrapped", organization_id=issued.organization_id)
    return {"organization_id": issued.organization_id, "api_key": issued.api_key}
