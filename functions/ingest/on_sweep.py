"""Each minute: silent agents, counters that went back, mergers, transfers; what happened is told (D5, D12)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ingest import settings
from functions.ingest.lineages.chores import do_chores
from functions.ingest.meters.review import review_due
from functions.ingest.printers.pages_per_month import refresh_in_turn
from functions.ingest.silence.watch import due_watches, look_after
from functions.ingest.table.outbox import publish_due
from functions.ingest.wiring import managed_statuses
from shared import aws
from shared.clock import utc_now
from shared.events import BusEvent, publish
from shared.observability import failure, logger, metrics, tracer

LOGGER = logger("ingest-sweep")
MEASURES = metrics("ingest-sweep")
RESERVE: Final = timedelta(seconds=10)
"""Left for the page in hand: what is not reached is the next minute's."""


@LOGGER.inject_lambda_context
@MEASURES.log_metrics
@tracer("ingest-sweep").capture_lambda_handler(capture_response=False)
def lambda_handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Publish first, so that trouble with one agent delays no event; then look, and publish what that found."""

    def has_time() -> bool:
        return context.get_remaining_time_in_millis() >= RESERVE / timedelta(milliseconds=1)

    now, documents = utc_now(), settings.documents()
    published, looked_at = publish_due(documents, _publish, now), 0
    for watches in due_watches(documents, now):
        if not has_time():
            break
        known = (refresh_in_turn, settings.stages_for, managed_statuses)
        looked_at += look_after(documents, watches, now, _failed, *known)
    reviewed = review_due(documents, now, _failed)
    done = do_chores(documents, settings.holdings(), now, failed=_failed, has_time=has_time)
    if looked_at or reviewed or done:
        published += publish_due(documents, _publish, now)
    MEASURES.add_metric("AgentsLookedAt", MetricUnit.Count, looked_at)
    MEASURES.add_metric("MetersReviewed", MetricUnit.Count, reviewed)
    MEASURES.add_metric("EventsPublished", MetricUnit.Count, published)
    return {"looked_at": looked_at, "reviewed": reviewed, "published": published}


def _publish(events: Sequence[BusEvent]) -> None:
    publish(events, context="ingest", bus=settings.SweepSettings.from_environment().event_bus, client=aws.events())


def _failed(subject_id: str, error: Exception) -> None:
    LOGGER.error("sweep failed for one", subject_id=subject_id, **failure(error))
