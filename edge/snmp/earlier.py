"""What a printer last answered to a question, so that only what is different in its next answer is decoded.

Between two readings a few bindings of a reply change, most often without changing its length: they are found by
halving, and the others are not even cut out.
"""

from array import array
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple, Self

from edge.snmp.ber import SEQUENCE, MalformedReply, expect


class Earlier(NamedTuple):
    """A list of bindings as it came.

    Attributes:
        octets: of the whole list.
        ends: where each binding begins, and where the last one ends; at most 65,507, as a message is.
    """

    octets: bytes | bytearray
    ends: "array[int]"

    @classmethod
    def of(cls, octets: bytes, bindings: Iterable[bytes]) -> Self:
        """A list that was just cut into its bindings."""
        return cls(octets, _ends(array("H", accumulate(map(len, bindings), initial=0)).tobytes()))

    def followed_by(self, later: "Earlier") -> "Earlier":
        """The later list, to be kept for good.

        One of the same form takes the place of this one: blocks that come and go at every reading among others that
        stay would leave holes that are never filled, and an agent that grows for days.
        """
        if later.ends is not self.ends:
            return Earlier(bytearray(later.octets), later.ends)
        if later is not self and isinstance(self.octets, bytearray):
            self.octets[:] = later.octets
        return self

    def differing(self, octets: bytes) -> list[int] | None:
        """Places of the bindings that are not the same in another list; None when that is of another form."""
        before, ends = self
        if octets == before:
            return []
        if len(octets) != len(before):
            return None
        places = []
        pending = [(0, len(ends) - 1)]
        while pending:
            first, last = pending.pop()
            begin, end = ends[first], ends[last]
            if octets[begin:end] == before[begin:end]:
                continue
            if last - first > 1:
                middle = (first + last) // 2
                pending += ((middle, last), (first, middle))
            elif _is_binding(octets, begin, end):
                places.append(first)
            else:
                return None
        return places


@lru_cache(maxsize=2_048)
def _ends(octets: bytes) -> "array[int]":
    """One for all printers whose bindings are as long."""
    return array("H", octets)


NOTHING_EARLIER = Earlier.of(b"", ())
"""To be given with a question that will be asked again."""


def _is_binding(octets: bytes, begin: int, end: int) -> bool:
    try:
        return expect(octets, begin, end, SEQUENCE).stop == end
    except MalformedReply:
        return False
