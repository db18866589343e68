"""The agent's log: one JSON object a line on stderr, so that output for people and machines stays on stdout.

Every room takes its logger from here, where structlog is loaded without what the agent has no use for.
"""

import logging
import sys
from typing import Any

from edge.bare_imports import without_console

with without_console():
    import structlog


def get_logger() -> Any:  # noqa: ANN401 - as structlog's own
    """A logger; what it does is decided by `set_up_log` when it is first used."""
    return structlog.get_logger()


def set_up_log(level: str) -> None:
    """Begin logging at ``level`` (debug, info, warning, error); below it nothing is even put together."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # stderr as it is then, not now
        cache_logger_on_first_use=False,
    )
