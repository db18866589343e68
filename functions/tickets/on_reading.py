"""Fleet stream: a printer's alerts may have changed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.tickets.alerts.classify import may_open_call
from functions.tickets.wiring import tickets
from shared.clock import utc_now
from shared.directory.views import PrinterState
from shared.observability import logger, tracer
from shared.stream import Change, consume
from shared.table import Item

log = logger("tickets")


@log.inject_lambda_context
@tracer("tickets").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Keep the alerts that are over, bring calls in line with those that stand; answers the records that failed."""
    return consume(event, context, _handle)


def _handle(change: Change) -> None:
    if change.new is None or not _concerns_calls(change.old or {}, change.new):
        return
    tickets().keep_past_alerts(change.old or {}, change.new)
    tickets().handle_printer(change.new["tenant_id"], change.new["printer_id"], utc_now())


def _concerns_calls(old: Item, new: Item) -> bool:
    """False for most heartbeats, so that no read is spent on them.

    Those are an empty alert table that stays empty, and the same rows again of which none may open a call.
    """
    rows = new.get("alerts", [])
    if rows != old.get("alerts", []):
        return True
    return any(may_open_call(alert) for alert in PrinterState.model_validate(new).alerts)
