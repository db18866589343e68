"""Telling a copied key: once a day an agent is given its next generation, and only one holder can go on from the last.

With each generation its holder draws a nonce, keeps both on disk and presents both from then on. The next generation
is given to the nonce that asked first. Whoever asks again with that nonce lost the answer and gets the same one again;
another nonce at the same generation, or a generation further behind, is another holder of the key. Two copies that
share a nonce draw different ones with their next generation and part on the day after. It costs one write a day.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from functions.ingest.agents.agent import SuspectCause, calling_agent
from functions.ingest.agents.suspicion import suspect
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time, key_time
from shared.table import Item
from shared.tenancy import AgentCaller

_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """What a presented generation means.

    Attributes:
        generation: To be told to the agent; None when it has it.
        item: The agent's row to write first; None when nothing changes.
        cause: Why the agent is suspect, if it is.
    """

    generation: int | None = None
    item: Item | None = None
    cause: SuspectCause | None = None


def turn_of(agent: Item, number: int, nonce: str, now: datetime) -> Turn:
    """Judge a presented generation against the row; an agent that never got one presents 0 and no nonce."""
    given = agent.get("generation") or {"number": 0, "given_to": "", "given_at": None}
    last = int(given["number"])
    if number < last - 1:
        return Turn(cause=SuspectCause.GENERATION_BEHIND)
    if number == last - 1:
        same = nonce == given["given_to"]
        return Turn(generation=last) if same else Turn(cause=SuspectCause.GENERATION_SPLIT)
    if number == last and given["given_at"] and from_key_time(given["given_at"]).date() >= now.date():
        return Turn()
    # A number beyond ours is one that we gave before this table was restored from a backup.
    following = {"number": number + 1, "given_to": nonce, "given_at": key_time(now)}
    return Turn(generation=number + 1, item=agent | {"generation": following})


def take_turn(agent: Item, caller: AgentCaller, *, documents: Documents, now: datetime) -> int | None:
    """The generation to tell the calling agent, or None; ``agent`` is its row as just read.

    Safe to repeat: a generation is given at the row's version that was read, and the same asker is told the same one.
    When others keep changing the row nothing is given: there is another upload in a moment.

    Raises:
        AgentSuspected: The key has two holders; the agent is marked.
    """
    for _ in range(_TRIES):
        turn = turn_of(agent, caller.generation, caller.generation_nonce, now)
        if turn.cause is not None:
            raise suspect(agent, turn.cause, documents=documents, now=now)
        if turn.item is None or documents.save(turn.item):
            return turn.generation
        agent = calling_agent(documents, caller, now)
    return None
