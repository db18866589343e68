"""The agent's log: one JSON object a line on stderr, so that output for people and machines stays on stdout."""

import logging
import sys

import structlog


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
