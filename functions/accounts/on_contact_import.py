"""Queue of contact imports: carries one on, hands the rest to the next invocation, gives up after five failures."""

import json
from typing import Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.accounts.imports.contact_imports import carry_out
from functions.accounts.imports.models import ImportState
from functions.accounts.imports.ports import Imports, Work
from functions.accounts.wiring import import_queue, imports
from shared.clock import utc_now
from shared.observability import failure, logger, metrics, tracer
from shared.stream import consume_queue

MOST_FAILURES: Final = 5
"""As often as the queue hands a message out."""
_RESERVE_MILLISECONDS: Final = 6_000
LOGGER: Final = logger("accounts")


def handle(body: str, context: LambdaContext, kept: Imports, work: Work) -> None:
    """Go on with the import that the message names; the rest of a long one is asked for anew."""
    message = json.loads(body)
    tenant_id, import_id = str(message["tenant_id"]), str(message["import_id"])

    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > _RESERVE_MILLISECONDS

    try:
        is_over = carry_out(kept, tenant_id, import_id, now=utc_now, has_time=has_time)
    except Exception as error:
        if not _gave_up(kept, tenant_id, import_id, error):
            raise
        return
    if not is_over:
        work.send(tenant_id, import_id)


def _gave_up(kept: Imports, tenant_id: str, import_id: str, error: Exception) -> bool:
    """Count the failure; the last one ends the import, and its report says so: system error (CTC-02)."""
    found = kept.import_of(tenant_id, import_id)
    if found is None or kept.note_failure(found) < MOST_FAILURES:
        return False
    kept.end(found, ImportState.FAILED, utc_now())
    LOGGER.error("contact import given up", import_id=import_id, **failure(error))
    return True


@LOGGER.inject_lambda_context
@metrics("accounts").log_metrics
@tracer("accounts").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answer the messages that must come again."""
    return consume_queue(event, context, lambda body: handle(body, context, imports(), import_queue()))
