"""The first words with a printer: which credential set it answers to, and what its probe tells."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from edge.reading.access import AccessPlan
from edge.reading.inquiry import Inquiry
from edge.reading.plan import PROBE
from edge.snmp.codec import Binding, Oid, RequestKind
from edge.snmp.credentials import CredentialSet, SnmpVersion
from edge.snmp.session import NoAnswer, Session

OTHERS_TRIED_EVERY: Final = timedelta(hours=1)
"""How often a printer that was known by one set is asked with the others: mostly it is just switched off."""
SILENCE_HINT: Final = "is it switched on, and are the credentials right?"


class Refused(NoAnswer):
    """The printer answered to none of the credential sets; the message names them, and never what is in them."""


async def contact(
    open_session: Callable[[CredentialSet], Session],
    sets: Iterable[CredentialSet],
    plan: AccessPlan,
    now: datetime,
) -> tuple[Inquiry, dict[Oid, Binding]]:
    """Begin a full reading: the set that worked the last time, else each in its turn, until one is answered.

    A printer that ever answered to v3 is asked so first, whatever it answered to since. A set beside the remembered
    and the last one costs a silent printer one wait, without repetitions.

    Args:
        open_session: begins a conversation with a set.
        sets: in the order they are tried.
        plan: what is known of the printer; the set that worked is kept in it.
        now: the time.

    Returns:
        The inquiry to go on with, and the answer to the probe.

    Raises:
        Refused: no set was answered.
        MalformedReply: what the printer answers cannot be read.
        BudgetSpent: the printer has had its time or its octets.
    """
    in_turn = list(sets)
    if not in_turn:
        raise Refused("no credential set of [snmp] is for it: add one, or name it in a set's targets")
    remembered = [each for each in in_turn if each.name == plan.credentials]
    signed = [each for each in in_turn if each.name == plan.signed and each not in remembered]
    others = [each for each in in_turn if each not in remembered and each not in signed]
    tried_lately = plan.others_tried_at is not None and now - plan.others_tried_at < OTHERS_TRIED_EVERY
    if remembered and tried_lately:
        others = []
    thorough = remembered or others[-1:]
    failures = []
    for each in (*signed, *remembered, *others):
        inquiry = Inquiry(open_session(each), plan, now)
        try:
            if each not in thorough:
                await inquiry.hear()
            found = await inquiry.each(RequestKind.GET_NEXT, PROBE)
        except NoAnswer as error:
            failures.append((each.name, error))
            continue
        plan.answers_to(each.name, signed=each.version is SnmpVersion.V3)
        return inquiry, found
    if remembered and others:
        plan.others_tried_at = now
    raise Refused(_told(failures)) from failures[-1][1]


def _told(failures: list[tuple[str, NoAnswer]]) -> str:
    """Which sets were tried, and what a printer that answers had against them."""
    silent = [name for name, error in failures if type(error) is NoAnswer]
    refused = [f"{name}: {error}" for name, error in failures if type(error) is not NoAnswer]
    told = [f"no answer (tried: {', '.join(silent)}); {SILENCE_HINT}"] if silent else []
    return "; ".join((*told, *refused))
