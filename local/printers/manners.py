"""Bad manners of printers, as they are met in the field: what becomes of a well-mannered reply on its way out.

Each takes a request and the way to answer it properly, and gives what is sent instead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from local.printers.ber import INTEGER, NULL, OCTET_STRING, SEQUENCE, encode_oid, encode_tlv
from local.printers.messages import ErrorStatus, Operation, Request, encode_response
from local.printers.rows import MibView, Oid, Value


@dataclass(frozen=True)
class Sent:
    """A datagram: how long after the request it leaves, and whether from another port than was asked."""

    octets: bytes
    after_seconds: float = 0.0
    from_elsewhere: bool = False


Answer = Callable[[Request], bytes]
Manners = Callable[[Request, Answer], Sequence[Sent]]


def _properly(request: Request, answer: Answer) -> list[Sent]:
    return [Sent(answer(request))]


def _error(request: Request, status: ErrorStatus, index: int = 0) -> list[Sent]:
    bindings = [encode_tlv(SEQUENCE, encode_oid(name) + NULL) for name in request.oids]
    return [Sent(encode_response(request, bindings, status=status, index=index))]


def _holds(octets: bytes, name: Oid) -> bool:
    return encode_oid(name) in octets


def no_bulk(request: Request, answer: Answer) -> list[Sent]:
    """GETBULK is not known: no answer to it."""
    return [] if request.operation is Operation.GET_BULK else _properly(request, answer)


def few_names(most: int, *, status: ErrorStatus | None = None) -> Manners:
    """More than so many names are too many: silence, or an error that blames none of them."""

    def manners(request: Request, answer: Answer) -> list[Sent]:
        if len(request.oids) <= most:
            return _properly(request, answer)
        return [] if status is None else _error(request, status)

    return manners


def few_rows(most: int) -> Manners:
    """A GETBULK for more repetitions gets no answer."""

    def manners(request: Request, answer: Answer) -> list[Sent]:
        too_many = request.operation is Operation.GET_BULK and request.max_repetitions > most
        return [] if too_many else _properly(request, answer)

    return manners


def hangs_on(*names: Oid) -> Manners:
    """Whatever would have one of these objects in its reply gets none."""

    def manners(request: Request, answer: Answer) -> list[Sent]:
        octets = answer(request)
        return [] if any(_holds(octets, name) for name in names) else [Sent(octets)]

    return manners


def fails_on(name: Oid, *, says_which: bool) -> Manners:
    """Whatever would have this object in its reply fails with genErr, and says which object it was or not."""

    def manners(request: Request, answer: Answer) -> list[Sent]:
        octets = answer(request)
        if not _holds(octets, name):
            return [Sent(octets)]
        asked = request.oids.index(name) + 1 if says_which and name in request.oids else 0
        return _error(request, ErrorStatus.GENERAL, asked)

    return manners


def fails_always(request: Request, answer: Answer) -> list[Sent]:
    """Every request fails with genErr."""
    del answer
    return _error(request, ErrorStatus.GENERAL)


def cut_off_at(octets: int) -> Manners:
    """Longer replies arrive without their end."""

    def manners(request: Request, answer: Answer) -> list[Sent]:
        return [Sent(answer(request)[:octets])]

    return manners


def slow(seconds: float) -> Manners:
    """Every reply takes so long."""

    def manners(request: Request, answer: Answer) -> list[Sent]:
        return [Sent(answer(request), after_seconds=seconds)]

    return manners


def every(nth: int, manners: Manners | None = None) -> Manners:
    """Every nth request is treated so; without manners it is lost."""
    seen = 0

    def counting(request: Request, answer: Answer) -> Sequence[Sent]:
        nonlocal seen
        seen += 1
        if seen % nth:
            return _properly(request, answer)
        return manners(request, answer) if manners else []

    return counting


def garbled(request: Request, answer: Answer) -> list[Sent]:
    """A length in the middle of the reply lies."""
    octets = bytearray(answer(request))
    octets[len(octets) // 2 :] = bytes([0xFF]) * (len(octets) - len(octets) // 2)
    return [Sent(bytes(octets))]


def doubled(request: Request, answer: Answer) -> list[Sent]:
    """Every reply comes twice, the second a little later."""
    octets = answer(request)
    return [Sent(octets), Sent(octets, after_seconds=0.05)]


def contradicted(request: Request, answer: Answer) -> list[Sent]:
    """A stranger answers first, with other values."""
    lie = encode_tlv(OCTET_STRING, b"a stranger's value")
    bindings = [encode_tlv(SEQUENCE, encode_oid((*name, 1)) + lie) for name in request.oids]
    return [Sent(encode_response(request, bindings), from_elsewhere=True), Sent(answer(request), after_seconds=0.01)]


def oversized(request: Request, answer: Answer) -> list[Sent]:
    """Every reply is as large as a datagram can be, most of it a value that nobody asked for."""
    del answer
    lot = encode_tlv(OCTET_STRING, b"x" * 60_000)
    bindings = [encode_tlv(SEQUENCE, encode_oid((*name, 1)) + lot) for name in request.oids[:1]]
    return [Sent(encode_response(request, bindings))]


def restarting(after: int, silent_for: int) -> Manners:
    """After so many requests the printer restarts: it is silent for so many more, and then goes on."""
    seen = 0

    def manners(request: Request, answer: Answer) -> list[Sent]:
        nonlocal seen
        seen += 1
        return [] if after < seen <= after + silent_for else _properly(request, answer)

    return manners


class EndlessView(MibView):
    """Rows of which one column never ends: there is always one more."""

    def __init__(self, rows: Mapping[Oid, Value], column: Oid) -> None:
        super().__init__(rows)
        self._column = column

    def following(self, oid: Oid) -> Oid | None:
        """One row more in the endless column."""
        size = len(self._column)
        if oid[:size] != self._column:
            return super().following(oid)
        return (*self._column, 1, oid[size + 1] + 1 if len(oid) > size + 1 else 1)

    def encoded(self, oid: Oid) -> bytes:
        """Made up in the endless column."""
        if oid[: len(self._column)] != self._column:
            return super().encoded(oid)
        return encode_tlv(SEQUENCE, encode_oid(oid) + encode_tlv(INTEGER, b"\x03"))


class CircularView(MibView):
    """Rows of which one column goes round: its first row follows each of them."""

    def __init__(self, rows: Mapping[Oid, Value], column: Oid) -> None:
        super().__init__(rows)
        self._column = column

    def following(self, oid: Oid) -> Oid | None:
        """The first row again in the circular column."""
        is_there = oid[: len(self._column)] == self._column
        return super().following(self._column if is_there else oid)
