"""Where the cloud's criteria lead at this site: its credentials and ports, and not beyond its fence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from edge.config.settings import AgentSettings
from edge.snmp.fence import Fence
from edge.snmp.target_entries import split_port
from edge.snmp.targets import SNMP_PORT, Target, TargetError, is_address, parse_targets
from shared.wire.activation import DiscoveryCriteria

_NAMED_AT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the criteria come to.

    Attributes:
        targets: where to look, by their names.
        outside: entries that lead outside of ``[network] allow`` or ``ports``, as a sentence; None when none does.
        unreadable: why they cannot be read; there are no targets then.
    """

    targets: dict[str, Target]
    outside: str | None = None
    unreadable: str | None = None

    def among(self, names: Iterable[str]) -> list[Target]:
        """The targets of those names that are still asked for."""
        return [self.targets[name] for name in names if name in self.targets]


def criteria_of(discovery: DiscoveryCriteria, settings: AgentSettings) -> Criteria:
    """The addresses to ask. Those outside the fence are left out here, host names when they are resolved.

    The ports are those of ``[network] ports``, and any that the site's own ``[snmp]`` names.
    """
    snmp, fence = settings.snmp, settings.network.fence()
    own = {snmp.port, *(split_port(entry)[1] for each in snmp.credentials for entry in each.targets)}

    def allows_port(port: int) -> bool:
        return port in own or settings.network.allows_port(port)

    try:
        found = parse_targets(discovery.include, exclude=discovery.exclude, credentials=snmp.credential_sets())
        at_port = (replace(target, port=snmp.port) if target.port == SNMP_PORT else target for target in found)
        near = [target for target in at_port if not is_address(target.host) or fence.allows(target.host)]
        inside = [target for target in near if allows_port(target.port)]
        outside = [_outside(discovery.include, fence)] if len(near) < len(found) else []
        outside += [_strange_ports(near, allows_port)] if len(inside) < len(near) else []
    except TargetError as error:
        return Criteria({}, unreadable=str(error))
    return Criteria({str(target): target for target in inside}, "; ".join(outside) or None)


def _outside(entries: Iterable[str], fence: Fence) -> str:
    left = [
        entry
        for entry in entries
        if any(is_address(target.host) and not fence.allows(target.host) for target in parse_targets([entry]))
    ]
    return f"not asked, outside of [network] allow in agent.toml: {_named(left)}"


def _strange_ports(targets: Iterable[Target], allows_port: Callable[[int], bool]) -> str:
    ports = sorted({target.port for target in targets if not allows_port(target.port)})
    return f"not asked, UDP ports that [network] ports in agent.toml does not allow: {_named(map(str, ports))}"


def _named(words: Iterable[str]) -> str:
    every = list(words)
    return ", ".join(every[:_NAMED_AT_MOST]) + (" and more" if len(every) > _NAMED_AT_MOST else "")
