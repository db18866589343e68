"""The responder in C (`bench/native/responder.c`) as the simulated printers use it: rows in, datagrams answered."""

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Final, Self

from bench.compiled import program

MOST_OCTETS: Final = 1_400
_MILLION: Final = 1_000_000
_STOP_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Counts:
    """What arrived at all addresses since the network was last set.

    Attributes:
        packets: datagrams, those to addresses without a printer included.
        answered: responses sent.
        refused: datagrams that no printer answers: another community or version, or malformed.
        overflown: datagrams that the system threw away because the responder was too slow.
        busiest_second: most datagrams within any second.
        busiest_tenth: most datagrams within any 100 ms.
    """

    packets: int
    answered: int
    refused: int
    overflown: int
    busiest_second: int
    busiest_tenth: int


class ResponderEnded(RuntimeError):
    """The responder ended; the message is its own, when it left one."""


class Responder:
    """A running responder; a context manager that ends it.

    Args:
        hosts: the printers' addresses, the lowest first, within 65,536 of it.
        community: that all of them answer.

    Raises:
        NotBuilt: it cannot be built here.
        ResponderEnded: it could not open its socket.
    """

    def __init__(self, hosts: Iterable[str], community: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [str(program("responder"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._write(f"host {host} {community}" for host in hosts)
        self.port = self._ask("listen", "port")[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe(self._process.stdin).close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def put(self, printer: int, bindings: Iterable[bytes]) -> None:
        """Add or change rows: whole variable bindings in BER. Repeating it changes nothing."""
        self._write(f"put {printer} {binding.hex()}" for binding in bindings)

    def cut(self, printer: int, bindings: Iterable[bytes]) -> None:
        """Remove the rows of those names. Repeating it changes nothing."""
        self._write(f"cut {printer} {binding.hex()}" for binding in bindings)

    def silence(self, printers: Iterable[int]) -> None:
        """Those answer nothing from now on."""
        self._write(f"silent {printer} 1" for printer in printers)

    def slow(self, printers: Iterable[int], seconds: float) -> None:
        """Those answer so much later than the others."""
        self._write(f"slow {printer} {seconds * _MILLION:.0f}" for printer in printers)

    def network(self, *, latency: float = 0.0, loss: float = 0.0, most_octets: int = MOST_OCTETS) -> None:
        """Set what lies in between; the counts begin anew, and so does the draw of what is lost.

        Args:
            latency: seconds from a request to its reply.
            loss: share of requests lost, and again of replies.
            most_octets: of a response: GETBULK is cut to it, other requests get tooBig.
        """
        self._write([f"network {latency * _MILLION:.0f} {loss * _MILLION:.0f} {most_octets}"])

    def note(self) -> None:
        """Keep every request to a printer from now on."""
        self._write(["note"])

    def noted(self) -> list[tuple[int, bytes]]:
        """The printers' numbers and what they were asked since `note`; nothing is kept any longer."""
        self._write(["noted"])
        lines = iter(self._pipe(self._process.stdout).readline, "end\n")
        return [(int(number), bytes.fromhex(octets)) for _, number, octets in map(str.split, lines)]

    def counts(self) -> Counts:
        """The counts; whatever was commanded before is done by then."""
        return Counts(*self._ask("counts", "counts"))

    def _write(self, lines: Iterable[str]) -> None:
        pipe = self._pipe(self._process.stdin)
        try:
            pipe.writelines(f"{line}\n" for line in lines)
            pipe.flush()
        except BrokenPipeError as error:
            raise ResponderEnded(f"the responder ended: {self._last_words()}") from error

    def _ask(self, command: str, word: str) -> Sequence[int]:
        self._write([command])
        said, *numbers = self._pipe(self._process.stdout).readline().split() or [""]
        if said != word:
            raise ResponderEnded(f"the responder ended: {' '.join(numbers) or 'without a word'}")
        return [int(number) for number in numbers]

    def _last_words(self) -> str:
        return self._pipe(self._process.stdout).read().strip() or "without a word"

    def _pipe(self, pipe: IO[str] | None) -> IO[str]:
        if pipe is None:
            raise ResponderEnded("the responder was not started")
        return pipe
