"""Each minute: deliveries and replays that are due are handed to the queue of work (D3, D12)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.webhooks import wiring
from functions.webhooks.settings import settings
from functions.webhooks.table.models import Delivery, Replay
from functions.webhooks.table.ports import Deliveries, Dispatch
from shared.clock import utc_now
from shared.observability import failure, logger, metrics, tracer

MAX_OF_A_SHARD: Final = 1_000
LONGEST_RUN: Final = timedelta(seconds=20)
"""Less than the function's time limit; what was not reached stays due."""
ASKED_AGAIN: Final = timedelta(minutes=5)
"""So long a worker has for what it was asked: a queue that is behind is not filled with repetitions."""


def hand_out(
    deliveries: Deliveries, dispatch: Dispatch, now: datetime, clock: Callable[[], datetime] = utc_now
) -> dict[str, int]:
    """Ask for what is due, tenant by tenant in turns; how much that was, and how much of it failed.

    Safe to repeat: a worker does nothing that another has done. What fails stays due and holds up nothing else.
    """
    asked = failed = 0
    began = clock()
    for work in in_turns(deliveries.due(now, limit=MAX_OF_A_SHARD)):
        if clock() - began >= LONGEST_RUN:
            break
        try:
            later = work.model_copy(update={"version": work.version + 1})
            if _put_off(deliveries, later, now + ASKED_AGAIN):
                dispatch.send(later)
                asked += 1
        except Exception as error:  # noqa: BLE001 - one delivery's trouble is its own; it is logged and stays due
            logger("webhooks").error("due work failed", webhook_id=work.webhook_id, **failure(error))
            failed += 1
    return {"asked": asked, "failed": failed}


def in_turns(due: Sequence[Delivery | Replay]) -> list[Delivery | Replay]:
    """The first of each tenant, then the second of each, and so on; inside a tenant the same by webhook."""

    def turns(works: Iterable[Delivery | Replay], whose: Callable[[Delivery | Replay], str]) -> list[Delivery | Replay]:
        rows: dict[str, list[Delivery | Replay]] = {}
        for work in works:
            rows.setdefault(whose(work), []).append(work)
        return [work for row in zip_longest(*rows.values()) for work in row if work is not None]

    return turns(turns(due, lambda work: work.webhook_id), lambda work: work.tenant_id)


def _put_off(deliveries: Deliveries, work: Delivery | Replay, until: datetime) -> bool:
    """Look at it again then, unless a worker is faster; False when one was."""
    return deliveries.save(work, until) if isinstance(work, Delivery) else deliveries.save_replay(work, until)


@logger("webhooks").inject_lambda_context
@metrics("webhooks").log_metrics
@tracer("webhooks").capture_lambda_handler(capture_response=False)
def lambda_handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Answer how much was due."""
    found = settings()
    return hand_out(wiring.deliveries(found), wiring.dispatch(found), utc_now())
