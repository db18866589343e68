"""Where the cloud's criteria lead at this site: its credentials and port, and not beyond its fence."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from edge.config.settings import AgentSettings
from edge.snmp.fence import Fence
from edge.snmp.targets import SNMP_PORT, Target, TargetError, is_address, parse_targets
from shared.wire.activation import DiscoveryCriteria

_NAMED_AT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the criteria come to.

    Attributes:
        targets: where to look, by their names.
        outside: entries that lead outside of ``[network] allow``, as a sentence; None when none does.
        unreadable: why they cannot be read; there are no targets then.
    """

    targets: dict[str, Target]
    outside: str | None = None
    unreadable: str | None = None

    def among(self, names: Iterable[str]) -> list[Target]:
        """The targets of those names that are still asked for."""
        return [self.targets[name] for name in names if name in self.targets]


def criteria_of(discovery: DiscoveryCriteria, settings: AgentSettings) -> Criteria:
    """The addresses to ask. Those outside the fence are left out here, host names when they are resolved."""
    snmp, fence = settings.snmp, settings.network.fence()
    try:
        found = parse_targets(discovery.include, exclude=discovery.exclude, credentials=snmp.credential_sets())
        inside = [target for target in found if not is_address(target.host) or fence.allows(target.host)]
        outside = _outside(discovery.include, fence) if len(inside) < len(found) else None
    except TargetError as error:
        return Criteria({}, unreadable=str(error))
    at_port = (replace(target, port=snmp.port) if target.port == SNMP_PORT else target for target in inside)
    return Criteria({str(target): target for target in at_port}, outside)


def _outside(entries: Iterable[str], fence: Fence) -> str:
    left = [
        entry
        for entry in entries
        if any(is_address(target.host) and not fence.allows(target.host) for target in parse_targets([entry]))
    ]
    named = ", ".join(left[:_NAMED_AT_MOST]) + (" and more" if len(left) > _NAMED_AT_MOST else "")
    return f"not asked, outside of [network] allow in agent.toml: {named}"
