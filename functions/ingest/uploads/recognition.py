"""Readings of printers that say of themselves what they said the last time: nearly all, and then two reads are enough.

A state holds the digest of who each agent said its printer is, and is written after everything that follows from it. So
an equal digest means that nothing is to be registered, linked or moved. What is read here may be a moment old: a
state that is behind is refused when it is written, and an identity never becomes another printer's.
"""

from collections.abc import Sequence

from functions.ingest.identities.doubles import is_doubtful
from functions.ingest.identities.ownership import digest_by
from functions.ingest.table import keys
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from functions.ingest.uploads.taken import Sender, Taken
from shared.attributes import Item
from shared.directory.views import Registration


def recognise(taken: Sequence[Taken], sender: Sender, documents: Documents) -> tuple[list[str | None], dict[Key, Item]]:
    """The printer of each reading, None where it must be looked for; and the states that were read on the way."""
    caller = sender.caller
    identities = [
        keys.identity(caller, each.claim.lasting[0]) if each.claim.registration is Registration.REGISTERED else None
        for each in taken
    ]
    known = documents.load([key for key in identities if key], consistent=False)
    found = [known[key]["printer_id"] if key in known else None for key in identities]
    states = documents.load([keys.state(caller.tenant_id, each) for each in found if each], consistent=False)
    return [
        printer_id
        if printer_id and _is_known(each, states.get(keys.state(caller.tenant_id, printer_id)), sender)
        else None
        for printer_id, each in zip(found, taken, strict=True)
    ], states


def _is_known(taken: Taken, state: Item | None, sender: Sender) -> bool:
    """True when the reading's agent says what it said the last time, and nothing speaks against it."""
    is_same = state is not None and digest_by(state, sender.caller.agent_id) == taken.meta_digest
    return is_same and not is_doubtful(state or {}, taken.reading)
