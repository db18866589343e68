"""How often printers are asked: as the cloud wants it, and no more often than the site allows. Pure.

What asks no printer is left as it is: an agent that was heard less often than its cloud expects would count as silent.
"""

from typing import Final

from edge.config.settings import NetworkSettings
from shared.wire.activation import AgentConfig

_INTERVALS: Final = {
    "poll_interval_seconds": "reading",
    "discovery_interval_seconds": "searching",
}


def paced(config: AgentConfig, network: NetworkSettings) -> AgentConfig:
    """The cloud's configuration with neither reading nor searching sooner than ``[network] least_interval_seconds``."""
    least = network.least_interval_seconds
    return config.model_copy(update={name: max(getattr(config, name), least) for name in _INTERVALS})


def pace_told(config: AgentConfig, network: NetworkSettings) -> str | None:
    """Which intervals are kept longer than the cloud asks, as a sentence for a person; None when none is."""
    least = network.least_interval_seconds
    asked = {what: int(getattr(config, name)) for name, what in _INTERVALS.items()}
    short = [f"{what} every {seconds} s" for what, seconds in asked.items() if seconds < least]
    if not short:
        return None
    return f"the cloud asks for {', '.join(short)}; done every {least} s, as [network] least_interval_seconds says"
