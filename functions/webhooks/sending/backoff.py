"""When a failed delivery is tried again, and what an attempt's outcome means. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from functions.webhooks.table.models import Delivery, Webhook
from functions.webhooks.table.ports import Answer

GIVE_UP_AFTER: Final = timedelta(hours=72)
FIRST_DELAY: Final = timedelta(seconds=10)
LONGEST_DELAY: Final = timedelta(hours=6)
SHORTEST_DELAY: Final = timedelta(seconds=2)
LONGEST_WISH: Final = timedelta(hours=1)
"""The most that an endpoint's Retry-After is heeded."""
LONGEST_WAIT: Final = timedelta(minutes=10)
"""For a sender; within what SQS can delay a message by."""
SAME_MOMENT: Final = timedelta(minutes=1)
"""By so much may two workers disagree on when a webhook's failing began."""
_DOUBLINGS: Final = 12


class Verdict(StrEnum):
    """What is to be done after an attempt."""

    DELIVERED = "delivered"
    GONE = "gone"
    PARK = "park"
    GIVE_UP = "give_up"
    RETRY = "retry"
    WAIT = "wait"
    """No attempt was made: every sender that its webhook may have is at work."""


def delay_after(failures: int, draw: float, wish: int | None = None) -> timedelta:
    """The wait after that many failures in a row: full jitter under a bound that doubles.

    Args:
        failures: At least 1.
        draw: Between 0 and 1, drawn by the caller.
        wish: The endpoint's Retry-After in seconds; no sooner than that, within an hour.
    """
    doubled: int = 1 << min(failures - 1, _DOUBLINGS)
    bound = min(LONGEST_DELAY, FIRST_DELAY * doubled)
    wished = min(timedelta(seconds=wish), LONGEST_WISH) if wish else SHORTEST_DELAY
    return max(bound * draw, wished, SHORTEST_DELAY)


def wait_for_sender(waits: int, draw: float) -> timedelta:
    """The wait after finding every sender at work so often in a row: spread under a bound that doubles.

    So a long backlog looks rarely, and most of the time finds its senders busy with itself.
    """
    doubled: int = 1 << min(waits, _DOUBLINGS)
    return max(min(LONGEST_WAIT, SHORTEST_DELAY * doubled) * draw, SHORTEST_DELAY / 2)


def verdict(answer: Answer, delivery: Delivery, webhook: Webhook, now: datetime) -> Verdict:
    """What an answer means for a delivery and its webhook; both as they are with this attempt counted."""
    if answer.is_success:
        return Verdict.DELIVERED
    if answer.status == HTTPStatus.GONE:
        return Verdict.GONE
    failing = webhook.failing_since
    if failing is not None and now - failing >= GIVE_UP_AFTER:
        return Verdict.PARK
    if delivery.failing_since is not None and now - delivery.failing_since >= GIVE_UP_AFTER:
        is_all_of_it = failing is not None and failing <= delivery.failing_since + SAME_MOMENT
        return Verdict.PARK if is_all_of_it else Verdict.GIVE_UP
    return Verdict.RETRY
