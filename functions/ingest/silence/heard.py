"""What each agent has told last of each of its printers: its last whole reading, and when it read the printer since.

A reading that says again what the last whole one said (`shared.wire.upload.UnchangedReading`) is judged by this and
writes no state: one item of the agent is read and written, however many printers an upload tells of. Whoever asks when
a printer was read last takes the later of its state's time and this.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

from functions.ingest.table import keys
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from shared.attributes import Item
from shared.clock import from_key_time, key_time
from shared.errors import Unavailable
from shared.tenancy import AgentCaller

MOST_PRINTERS: Final = 5_000
"""Of one item, 90 kB; beyond them those that were read longest ago are forgotten, and sent whole the next time."""
ATTEMPTS: Final = 6
_PRINTER: Final = 6
_READING: Final = 4
_RECORD: Final = struct.Struct(f">{_PRINTER}s{_READING}sII")
"""A printer's digest, its last whole reading's, when that was taken, when the printer was read; in seconds of 1970."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an agent told last of one printer.

    Attributes:
        reading: A digest of the number of its last whole reading.
        whole_at: When that was taken, in whole seconds.
        heard_at: When the printer was read last.
    """

    reading: bytes
    whole_at: int
    heard_at: int

    @classmethod
    def whole(cls, reading_id: str, at: datetime) -> "Told":
        """A whole reading taken at that time."""
        return cls(digest(reading_id, _READING), int(at.timestamp()), int(at.timestamp()))

    def joined(self, other: "Told | None") -> "Told":
        """Both; the same in whatever order, and however often."""
        if other is None:
            return self
        last = max(self, other, key=lambda each: (each.whole_at, each.reading))
        return Told(last.reading, last.whole_at, max(self.heard_at, other.heard_at))

    def read_at(self, at: datetime) -> "Told":
        """The same, and read at that time too."""
        return Told(self.reading, self.whole_at, max(self.heard_at, int(at.timestamp())))


Heard = dict[bytes, Told]
"""By the printer's digest."""


def heard_from(item: Item | None, caller: AgentCaller) -> Heard:
    """What the agent's item holds; nothing when it was written for another site or organisation."""
    if item is None or item["place"] != _place(caller):
        return {}
    return _unpacked(item)


def joined(told: Heard, with_: Heard) -> Heard:
    """Of the printers in ``told``, what both say."""
    return {printer: each.joined(with_.get(printer)) for printer, each in told.items()}


def note_heard(documents: Documents, caller: AgentCaller, told: Heard, stored: Item | None) -> None:
    """Join what was told with the agent's item, of which ``stored`` is what was read before.

    Safe to repeat, late and in any order: see `Told.joined`; what the item says already is not written again.

    Raises:
        Unavailable: Others kept being faster; try again.
    """
    key = keys.heard(caller.agent_id)
    for _ in range(ATTEMPTS):
        before = heard_from(stored, caller)
        after = before | joined(told, before)
        if after == before:
            return
        version = (stored or {}).get("version", 0)
        item = {"pk": key[0], "sk": key[1], "place": _place(caller), "told": _packed(after), "version": version}
        if documents.save(item):
            return
        stored = documents.load([key]).get(key)
    raise Unavailable("agent_busy", "Another upload of this agent is being stored; try again.")


def with_heard(documents: Documents, states: Mapping[Key, Item]) -> dict[Key, Item]:
    """The states, each with ``heard_at``: when its printer was last read, by what its agent told since too."""
    wanted = {state["agent_id"]: keys.heard(state["agent_id"]) for state in states.values()}
    found = documents.load(list(wanted.values()), consistent=False)
    heard = {agent_id: _unpacked(found[key]) for agent_id, key in wanted.items() if key in found}
    return {key: state | {"heard_at": _last(state, heard.get(state["agent_id"], {}))} for key, state in states.items()}


def heard_at_of(documents: Documents, states: Iterable[Item]) -> dict[str, datetime]:
    """When the printer of each state was last read, by printer id."""
    told = with_heard(documents, {(state["pk"], state["sk"]): state for state in states})
    return {state["printer_id"]: from_key_time(state["heard_at"]) for state in told.values()}


def digest(name: str, size: int = _PRINTER) -> bytes:
    """What stands for a printer's id, or for a reading's with four octets: enough among those of one agent."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def _unpacked(item: Item) -> Heard:
    return {printer: Told(*rest) for printer, *rest in _RECORD.iter_unpack(bytes(item["told"]))}


def _packed(heard: Heard) -> bytes:
    newest = sorted(heard.items(), key=lambda each: (-each[1].heard_at, each[0]))[:MOST_PRINTERS]
    records = ((printer, told.reading, told.whole_at, told.heard_at) for printer, told in sorted(newest, key=_name))
    return b"".join(_RECORD.pack(*record) for record in records)


def _name(entry: tuple[bytes, Told]) -> bytes:
    return entry[0]


def _last(state: Item, heard: Heard) -> str:
    told = heard.get(digest(state["printer_id"]))
    at = key_time(datetime.fromtimestamp(told.heard_at, UTC)) if told else ""
    return max(str(state["taken_at"]), at)


def _place(caller: AgentCaller) -> str:
    return f"{caller.site_id}@{digest(caller.organization_path).hex()}"
