"""What each agent has told last of each of its printers: its last whole reading, and when it read the printer since.

A reading that says again what the last whole one said (`shared.wire.upload.UnchangedReading`) is judged by this and
writes no state: one item of the agent is read and written, however many printers an upload tells of. Whoever asks when
a printer was read last takes the later of its state's time and this. The same item says when the agent was heard of
and how its last upload was answered: an upload writes one item of its agent, and for fifty printers it is a kilobyte.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from functions.ingest.table import keys
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from shared.attributes import Item
from shared.clock import from_key_time, key_time
from shared.errors import Unavailable
from shared.tenancy import AgentCaller

MOST_PRINTERS: Final = 5_000
"""Of one item, some 65 kB. Those beyond are sent whole each time, always the same ones as long as all are read."""
KEPT_FOR: Final = 86_400
"""Seconds after which a printer that the agent read no more leaves its place to others, where there are too many."""
ATTEMPTS: Final = 6
_PRINTER: Final = 5
_READING: Final = 4
_NUMBER: Final = 4
_PLACE: Final = 8
"""Octets of a printer's digest, of its last whole reading's, of a time in seconds of 1970, and of a place's digest."""
_OCTETS: Final = _PRINTER + _READING + 2 * _NUMBER
News = Callable[[Item], Item]
"""What is noted beside, made of the agent's item as it is stored; empty when there is none."""


class Told(NamedTuple):
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
        taken_at = int(at.timestamp())
        return cls(digest(reading_id, _READING), taken_at, taken_at)

    def names(self, reading_id: str) -> bool:
        """Whether its last whole reading is the one of that number."""
        return self.reading == digest(reading_id, _READING)

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
    if item is None or item.get("place") != _place(caller):
        return {}
    return _unpacked(item)


def joined(told: Heard, with_: Heard) -> Heard:
    """Of the printers in ``told``, what both say."""
    return {printer: each.joined(with_.get(printer)) for printer, each in told.items()}


def note_heard(documents: Documents, caller: AgentCaller, told: Heard, stored: Item | None, news: News) -> None:
    """Join what was told with the agent's item, of which ``stored`` is what was read before; write the news with it.

    Safe to repeat, late and in any order: see `Told.joined`; the news are made of what is stored.

    Raises:
        Unavailable: Others kept being faster; try again.
    """
    key = keys.agent_contact(caller.agent_id)
    for _ in range(ATTEMPTS):
        before = heard_from(stored, caller)
        contact = (stored or {}) | news(stored or {})
        packed = {"place": _place(caller), "told": _packed(before | joined(told, before))}
        if documents.save(contact | packed | {"pk": key[0], "sk": key[1]}):
            return
        stored = documents.load([key]).get(key)
    raise Unavailable("agent_busy", "Another upload of this agent is being stored; try again.")


def with_heard(documents: Documents, states: Mapping[Key, Item]) -> dict[Key, Item]:
    """The states, each with ``heard_at``: when its printer was last read, by what its agent told since too."""
    wanted = {state["agent_id"]: keys.agent_contact(state["agent_id"]) for state in states.values()}
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
    """The reverse of `_packed`; nothing of an item that an agent without readings has."""
    octets = zlib.decompress(bytes(item["told"]), wbits=-zlib.MAX_WBITS) if "told" in item else b""
    count = len(octets) // _OCTETS
    cuts = [count * width for width in accumulate((_PRINTER, _READING, _NUMBER), initial=0)]
    printers, readings, wholes, heards = (octets[first:last] for first, last in pairwise((*cuts, None)))
    named = zip(_split(printers, _PRINTER), _split(readings, _READING), strict=True)
    times = zip(_numbers(wholes), _numbers(heards), strict=True)
    return {printer: Told(reading, *each) for (printer, reading), each in zip(named, times, strict=True)}


def _packed(heard: Heard) -> bytes:
    """Column by column, and of the times octet by octet: those of one agent differ little."""
    rows = sorted(_kept(heard).items(), key=_name)
    names = [printer for printer, _ in rows], [told.reading for _, told in rows]
    times = [told.whole_at for _, told in rows], [told.heard_at for _, told in rows]
    octets = b"".join(b"".join(each) for each in names) + b"".join(_octets(each) for each in times)
    return zlib.compress(octets, wbits=-zlib.MAX_WBITS)


def _kept(heard: Heard) -> Heard:
    """At most `MOST_PRINTERS`: those that were read within a day of the last one, by their digests; then the others.

    By the time alone each printer would be forgotten just before its turn, where they are read one after the other.
    """
    if len(heard) <= MOST_PRINTERS:
        return heard
    oldest = max(told.heard_at for told in heard.values()) - KEPT_FOR
    order = sorted(heard.items(), key=lambda each: (max(oldest - each[1].heard_at, 0), each[0]))
    return dict(order[:MOST_PRINTERS])


def _split(octets: bytes, width: int) -> list[bytes]:
    return [octets[first : first + width] for first in range(0, len(octets), width)]


def _octets(numbers: Sequence[int]) -> bytes:
    """Numbers, all their first octets first."""
    packed = struct.pack(f">{len(numbers)}I", *numbers)
    return b"".join(packed[place::_NUMBER] for place in range(_NUMBER))


def _numbers(octets: bytes) -> tuple[int, ...]:
    """The reverse of `_octets`."""
    count = len(octets) // _NUMBER
    packed = bytearray(len(octets))
    for place in range(_NUMBER):
        packed[place::_NUMBER] = octets[place * count : (place + 1) * count]
    return struct.unpack(f">{count}I", packed)


def _name(entry: tuple[bytes, Told]) -> bytes:
    return entry[0]


def _last(state: Item, heard: Heard) -> str:
    told = heard.get(digest(state["printer_id"]))
    at = key_time(datetime.fromtimestamp(told.heard_at, UTC)) if told else ""
    return max(str(state["taken_at"]), at)


def _place(caller: AgentCaller) -> str:
    """Where the agent is, shortly: told again whole from wherever it goes."""
    return digest(f"{caller.organization_path}@{caller.site_id}", _PLACE).hex()
