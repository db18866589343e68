"""What printers that cannot be read have in common: one cause named once instead of many failures one by one. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Final

from edge.spool.status import Stage
from edge.spool.status_report import PrinterStatus

LEAST: Final = 3
"""So many printers at least make a pattern."""
_PREFIX: Final = {4: 24, 6: 64}


def common_causes(printers: Sequence[PrinterStatus]) -> list[str]:
    """Sentences that name a likely common cause, each with what to check; empty when there is none.

    A group is named when all its printers are silent and there are three at least: all of them, those of one network,
    those that used to answer to one credential set. A wider cause hides the narrower ones.
    """
    silent = [printer for printer in printers if _is_silent(printer)]
    if len(silent) >= LEAST and len(silent) == len(printers):
        check = "is this computer on the network, does its firewall let UDP 161 out, is [snmp] in agent.toml right?"
        return [f"none of the {len(silent)} printers answers: {check}"]
    causes = [
        f"all {count} printers of {network} are silent: check the route and the firewalls on the way there"
        for network, count in _silent_groups(printers, _network)
    ]
    causes += [
        f"all {count} printers that answered to {used} are silent: was that community or user changed on them?"
        for used, count in _silent_groups(printers, lambda printer: printer.answered_by)
        if count < len([printer for printer in printers if printer.answered_by])
    ]
    return causes


def _silent_groups(
    printers: Iterable[PrinterStatus], group_of: Callable[[PrinterStatus], str | None]
) -> list[tuple[str, int]]:
    groups: dict[str, list[bool]] = defaultdict(list)
    for printer in printers:
        group = group_of(printer)
        if group is not None:
            groups[group].append(_is_silent(printer))
    return [(group, len(silent)) for group, silent in sorted(groups.items()) if len(silent) >= LEAST and all(silent)]


def _is_silent(printer: PrinterStatus) -> bool:
    return printer.stage == Stage.FOUND and printer.reason is not None


def _network(printer: PrinterStatus) -> str | None:
    host = printer.target
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return str(ip_network((address, _PREFIX[address.version]), strict=False))
