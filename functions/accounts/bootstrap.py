"""Invoked by the deployer alone, once: the installation's operator and its first key."""

from typing import Annotated, Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, StringConstraints

from functions.accounts.partner_keys import create_operator
from functions.accounts.wiring import partner_keys
from shared.clock import utc_now
from shared.errors import Conflict
from shared.observability import logger

LOGGER = logger("accounts")


class BootstrapRequest(BaseModel):
    """Who runs this installation."""

    organization_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]


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
