"""What silent printers of one agent have in common: their agent, a subnet, a credential set, or nothing. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Final

from shared.attributes import Item

_SUBNET_BITS: Final = {4: 24, 6: 64}
_FEWEST_OF_A_GROUP: Final = 2


class CauseKind(StrEnum):
    """What a printer's silence has in common with others'."""

    AGENT = "agent"
    """Its agent is not heard, or not listened to."""
    SUBNET = "subnet"
    """No printer of its subnet answers its agent, and there are several."""
    CREDENTIAL = "credential"
    """No printer of its credential set answers its agent, there are several, and one of another set does."""
    PRINTER = "printer"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """How an agent reaches a printer.

    Attributes:
        address: Where it was asked last; None for none.
        credential: Name of the credential set that it answered to last; None when its agent did not tell one.
    """

    address: str | None = None
    credential: str | None = None

    @classmethod
    def of(cls, meta: Item, agent_id: str) -> "Whereabouts":
        """How this agent reaches the printer of an item; a set's name that another agent told says nothing here."""
        told = meta.get("credentials")
        return cls(meta.get("address"), told["name"] if told and told["agent_id"] == agent_id else None)

    @property
    def subnet(self) -> str | None:
        """The /24 or /64 of the address; None for none, a masked one or a host name."""
        try:
            parsed = ip_address(self.address or "")
        except ValueError:
            return None
        return str(ip_network(f"{parsed}/{_SUBNET_BITS[parsed.version]}", strict=False))


def causes_of(silent: Iterable[str], printers: Mapping[str, Whereabouts], *, agent_heard: bool) -> dict[str, Item]:
    """The cause of each silent printer, with how many printers share it.

    An agent that is not heard is the cause of all. Else a group none of whose printers is heard is one: where both a
    printer's subnet and its credential set are, the one that explains more printers' silence; the subnet when they
    explain as many, since nothing behind a dead line shows whether its credentials are right.

    Args:
        silent: Ids of the agent's silent printers.
        printers: Every printer of the agent, by id.
        agent_heard: Whether the agent itself is heard.
    """
    silent = set(silent)
    if not agent_heard:
        return {each: {"kind": CauseKind.AGENT.value, "printers": len(silent)} for each in silent}
    subnets = _dead({each: where.subnet for each, where in printers.items()}, silent)
    credentials = _dead({each: where.credential for each, where in printers.items()}, silent)
    heard = {where.credential for each, where in printers.items() if each not in silent} - {None}
    causes: dict[str, Item] = {}
    for each in silent:
        where = printers.get(each, Whereabouts())
        behind, using = subnets.get(where.subnet, 0), credentials.get(where.credential, 0) if heard else 0
        if behind and behind >= using:
            causes[each] = {"kind": CauseKind.SUBNET.value, "subnet": where.subnet, "printers": behind}
        elif using:
            causes[each] = {"kind": CauseKind.CREDENTIAL.value, "credential": where.credential, "printers": using}
        else:
            causes[each] = {"kind": CauseKind.PRINTER.value, "printers": 1}
    return causes


def _dead(group_of: Mapping[str, str | None], silent: set[str]) -> dict[str | None, int]:
    """How many printers each group has of which there are several and none is heard."""
    members: dict[str, set[str]] = defaultdict(set)
    for printer_id, group in group_of.items():
        if group is not None:
            members[group].add(printer_id)
    return {group: len(each) for group, each in members.items() if len(each) >= _FEWEST_OF_A_GROUP and each <= silent}
