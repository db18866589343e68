"""Logger, tracer and metrics of a function: JSON lines with constant messages, metrics without high cardinality."""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider
from botocore.exceptions import ClientError

from shared.names import METRICS_NAMESPACE

_FRAMES: Final = 8
_TRACED: Final = ("botocore", "httpx")


_SAID_BY_THE_LOG_GROUP: Final = {"function_name", "function_arn", "function_memory_size"}
"""Powertools would say in each line whose line it is; each function's log group has its name."""


class _Lines(Logger):
    """Powertools' logger with shorter lines: what is logged is paid for by the octet."""

    def structure_logs(
        self,
        append: bool = False,
        formatter_options: dict[str, Any] | None = None,
        **keys: Any,  # noqa: ANN401 - Powertools' signature
    ) -> None:
        """What each line says beside its message, from here on."""
        super().structure_logs(append, formatter_options, **_worth_saying(keys))

    def append_keys(self, **additional_keys: object) -> None:
        """What each line says too."""
        super().append_keys(**_worth_saying(additional_keys))


def _worth_saying(keys: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in keys.items() if name not in _SAID_BY_THE_LOG_GROUP}


class _Measures(AmazonCloudWatchEMFProvider):
    """Writes what was measured; a request that measured nothing is no reason for a warning."""

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:
        if self.metric_set:
            super().flush_metrics(raise_on_empty_metrics)


@cache
def logger(service: str) -> Logger:
    """The service's logger; never log an event, a key, a code or a contact detail."""
    return _Lines(service=service)


def failure(error: BaseException) -> dict[str, Any]:
    """What a log line may say of an error: its kind and where it was raised. Its words may repeat what was sent."""
    frames = extract_tb(error.__traceback__)[-_FRAMES:]
    said: dict[str, Any] = {
        "error_type": type(error).__name__,
        "error_at": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, ClientError):
        said |= {"error_code": error.response["Error"]["Code"], "operation": error.operation_name}
    if error.__cause__ is not None:
        said["cause"] = type(error.__cause__).__name__
    return said


@cache
def metrics(service: str) -> Metrics:
    """Business metrics; the only dimension is the service."""
    return Metrics(provider=_Measures(namespace=METRICS_NAMESPACE, service=service))


@cache
def tracer(service: str) -> Tracer:
    """X-Ray tracing of calls to AWS and, where a function makes them, to others; off outside Lambda, bodies never."""
    # Left to itself the tracer imports every library that it knows and finds.
    return Tracer(service=service, patch_modules=[name for name in _TRACED if name in sys.modules])
