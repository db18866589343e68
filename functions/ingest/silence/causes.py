"""What silent printers of one agent have in common: their agent, a subnet, a credential set, or nothing. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Final, Self

from shared.attributes import Item

_SUBNET_BITS: Final = {4: 24, 6: 64}
_FEWEST_OF_A_GROUP: Final = 2
MOST_GROUPS: Final = 4_000
"""Of an agent; their names and counts are kept in one item while it is looked at."""
_KINDS: Final = ("subnets", "credentials")


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


@dataclass(slots=True)
class Tally:
    """How many printers of an agent each subnet and each credential set has, and how many of them are silent.

    Counted a part of the agent's printers at a time; of more than `MOST_GROUPS` groups the last ones are left out, and
    then are no cause.
    """

    silent: int = 0
    subnets: dict[str, list[int]] = field(default_factory=dict)
    credentials: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def stored(cls, item: Item) -> Self:
        """As a watch keeps it."""
        groups = ({name: list(map(int, counts)) for name, counts in item[kind].items()} for kind in _KINDS)
        return cls(int(item["silent"]), *groups)

    def as_kept(self) -> Item:
        """What `stored` reads."""
        return {"silent": self.silent, "subnets": self.subnets, "credentials": self.credentials}

    def add(self, silent: Iterable[str], printers: Mapping[str, Whereabouts]) -> None:
        """Count some printers, of which those are silent."""
        gone = set(silent)
        self.silent += len(gone)
        for printer_id, where in printers.items():
            for groups, name in ((self.subnets, where.subnet), (self.credentials, where.credential)):
                if name is not None and (name in groups or len(groups) < MOST_GROUPS):
                    counts = groups.setdefault(name, [0, 0])
                    counts[0] += 1
                    counts[1] += printer_id in gone

    def causes(
        self, silent: Iterable[str], printers: Mapping[str, Whereabouts], *, agent_heard: bool
    ) -> dict[str, Item]:
        """The cause of each of some silent printers, with how many of all those counted share it.

        An agent that is not heard is the cause of all. Else a group none of whose printers is heard is one: where both
        a printer's subnet and its credential set are, the one that explains more printers' silence; the subnet when
        they explain as many, since nothing behind a dead line shows whether its credentials are right.

        Args:
            silent: Ids of silent printers.
            printers: How each is reached, by id.
            agent_heard: Whether the agent itself is heard.
        """
        if not agent_heard:
            return {each: {"kind": CauseKind.AGENT.value, "printers": self.silent} for each in silent}
        is_heard = any(total > gone for total, gone in self.credentials.values())
        causes: dict[str, Item] = {}
        for each in silent:
            where = printers.get(each, Whereabouts())
            behind = _dead(self.subnets, where.subnet)
            using = _dead(self.credentials, where.credential) if is_heard else 0
            if behind and behind >= using:
                causes[each] = {"kind": CauseKind.SUBNET.value, "subnet": where.subnet, "printers": behind}
            elif using:
                causes[each] = {"kind": CauseKind.CREDENTIAL.value, "credential": where.credential, "printers": using}
            else:
                causes[each] = {"kind": CauseKind.PRINTER.value, "printers": 1}
        return causes


def causes_of(silent: Iterable[str], printers: Mapping[str, Whereabouts], *, agent_heard: bool) -> dict[str, Item]:
    """`Tally.causes`, where all printers of the agent are at hand."""
    tally, gone = Tally(), list(silent)
    tally.add(gone, printers)
    return tally.causes(gone, printers, agent_heard=agent_heard)


def _dead(groups: Mapping[str, list[int]], name: str | None) -> int:
    """How many printers a group has, of which there are several and none is heard; else none."""
    total, gone = groups.get(name, (0, 0)) if name is not None else (0, 0)
    return total if total >= _FEWEST_OF_A_GROUP and total == gone else 0
