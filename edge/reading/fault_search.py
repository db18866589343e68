"""The search for what is at fault in a question that failed: by halves, until it is one object or small enough."""

from collections import deque
from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

from edge.reading.access import AccessPlan
from edge.snmp.ber import MalformedReply
from edge.snmp.codec import Absent, Binding, Oid
from edge.snmp.reply_size import octets_of

MOST_SUSPECTS: Final = 12


class Fault(Enum):
    """How a question failed."""

    SILENT = "silent"
    GARBLED = "garbled"
    TOO_BIG = "too big"
    ABSENT = "absent"
    REFUSED = "refused"


class Failed(NamedTuple):
    """A failed question; ``named`` is the one object that the printer blames."""

    names: tuple[Oid, ...]
    fault: Fault
    named: Oid | None = None


class FaultSearch:
    """The search in some names.

    Args:
        plan: says how many may be asked for at once.
        names: the objects asked for.

    Attributes:
        pending: questions to ask next.
        found: what was answered for each name.
        failed: the questions that failed.
        suspects: single objects that failed, or are blamed by the printer.
        convicted: those that failed once more.
        sizes: how many names each question had that was answered, ``octets`` how large its reply was.
        gave_up: so much fails that it is no matter of single objects.
    """

    def __init__(self, plan: AccessPlan, names: Sequence[Oid]) -> None:
        step = plan.most_names
        self.pending = deque(tuple(names[start : start + step]) for start in range(0, len(names), step))
        self.found: dict[Oid, Binding] = {}
        self.failed: list[Failed] = []
        self.suspects: list[Failed] = []
        self.convicted: set[Oid] = set()
        self.sizes: list[int] = []
        self.octets: list[int] = []
        self.gave_up = False

    def take(self, names: tuple[Oid, ...], bindings: Sequence[Binding]) -> None:
        """What was answered."""
        self.found.update(zip(names, bindings, strict=True))
        self.sizes.append(len(names))
        self.octets.append(octets_of(bindings))

    def fail(self, failed: Failed) -> None:
        """Go on with parts of what failed."""
        if failed.fault is Fault.ABSENT:  # as SNMPv1 says it: no failure, but the others were not answered either
            name = failed.named or failed.names[0]
            self.found[name] = (name, Absent.NO_SUCH_INSTANCE)
            rest = tuple(each for each in failed.names if each != name)
            self.pending.extendleft((rest,) if rest else ())
            return
        self.failed.append(failed)
        if len(failed.names) == 1:
            self.suspects.append(failed)
        elif failed.named is not None:
            self.suspects.append(failed._replace(names=(failed.named,)))
            self.pending.appendleft(tuple(name for name in failed.names if name != failed.named))
        else:
            half = len(failed.names) // 2
            self.pending.extendleft((failed.names[half:], failed.names[:half]))
        if len(self.suspects) > MOST_SUSPECTS:  # it is not one object or another: it does not want to be asked
            self.gave_up = True
            self.pending.clear()
            self.suspects.clear()
            if not self.found:
                raise MalformedReply("it answers hardly any request without an error")
