"""The only place that asks what time it is, and how times are written in keys."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def key_time(at: datetime) -> str:
    """ISO-8601 UTC of fixed width, so that text order is time order: ``2026-11-22T18:20:21.000123Z``."""
    # Not strftime: its %Y has no fixed width before the year 1000.
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def from_key_time(text: str) -> datetime:
    """The aware time that `key_time` wrote."""
    return datetime.fromisoformat(text)
