"""What differs between the stages, and nothing else does."""

import platform
import sys
from dataclasses import dataclass
from typing import Final, Literal

Stage = Literal["dev", "prod", "local"]
Architecture = Literal["arm64", "x86_64"]

HOST_PYTHON: Final = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class StageSettings:
    """One stage.

    Attributes:
        stage: Its name; the stack is ``Platen-<stage>``.
        python: Minor version of the Lambda runtime.
        architecture: Of the functions and of the wheels in their layer.
        log_level: Of our own log lines.
        log_retention_days: Of every log group.
        keeps_data: Tables have point-in-time recovery and deletion protection, they and the logs outlive the stack,
            and the bus has an archive.
        has_firewall: A web application firewall stands before the partner API.
        partner_key_cache_seconds: How long a verdict on a partner key may be reused, so how long a revoked key
            may live on.
        requests_per_second: Each API refuses more with 429.
        request_burst: How many more than that at once.
        delay_scale: Factor on the alert delays and auto-resolve times of tickets; 1 but in the local stack.
        fulfilment_private_hosts: Private hosts that a fulfilment partner or a webhook may have, also by plain http;
            none but in the local stack.
    """

    stage: Stage
    python: str
    architecture: Architecture
    log_level: str
    log_retention_days: int
    keeps_data: bool
    has_firewall: bool
    partner_key_cache_seconds: int
    requests_per_second: int
    request_burst: int
    delay_scale: str = "1"
    fulfilment_private_hosts: tuple[str, ...] = ()


_DEV: Final = StageSettings(
    stage="dev",
    python="3.14",
    architecture="arm64",
    log_level="DEBUG",
    log_retention_days=7,
    keeps_data=False,
    has_firewall=False,
    partner_key_cache_seconds=300,
    requests_per_second=50,
    request_burst=100,
)
_PROD: Final = StageSettings(
    stage="prod",
    python="3.14",
    architecture="arm64",
    log_level="INFO",
    log_retention_days=30,
    keeps_data=True,
    has_firewall=True,
    partner_key_cache_seconds=300,
    requests_per_second=1_000,
    request_burst=2_000,
)


def settings_of(stage: str) -> StageSettings:
    """The settings of a stage; `ValueError` names the stages there are.

    The local stage runs on the host's Python and architecture, because its functions are processes of the host.
    """
    if stage == "dev":
        return _DEV
    if stage == "prod":
        return _PROD
    if stage == "local":
        return StageSettings(
            stage="local",
            python=HOST_PYTHON,
            architecture=_host_architecture(),
            log_level="INFO",
            log_retention_days=1,
            keeps_data=False,
            has_firewall=False,
            partner_key_cache_seconds=0,
            requests_per_second=1_000,
            request_burst=2_000,
            delay_scale="0.001",
            fulfilment_private_hosts=("127.0.0.1",),
        )
    raise ValueError(f"There is no stage '{stage}'; choose dev, prod or local.")


def _host_architecture() -> Architecture:
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
