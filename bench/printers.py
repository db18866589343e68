"""The simulated printers' process as the benchmarks use it: a context manager that starts, commands and ends it."""

import json
import subprocess
import sys
from ipaddress import IPv4Address
from typing import Any, Final, Self

from bench.fleets import Fleet
from bench.responder import MOST_OCTETS, Counts
from edge.snmp.targets import Target
from edge.snmp.transport import Address

_STOP_SECONDS: Final = 5.0


class Printers:
    """Simulated printers on loopback, in a process of their own, so that their CPU is nobody else's.

    Args:
        count: printers, each at an address of its own.
        dead: how many of them never answer.
        slow: how many answer late, each time.
        slow_seconds: how late.
        every: addresses from one printer to the next; nobody is at those between.
        fleet: which models they are of.
    """

    def __init__(
        self,
        count: int,
        *,
        dead: int = 0,
        slow: int = 0,
        slow_seconds: float = 1.0,
        every: int = 1,
        fleet: Fleet = Fleet.SMALL,
    ) -> None:
        options = {"--dead": dead, "--slow": slow, "--slow-seconds": slow_seconds, "--every": every, "--fleet": fleet}
        words = [str(word) for option in options.items() for word in option]
        self._command = [sys.executable, "-m", "bench.printer_process", str(count), *words]
        self._process: subprocess.Popen[str] | None = None
        self.targets: list[Target] = []
        self.dead: set[Target] = set()
        self.native = False
        """Whether the responder in C serves them: the other one is slower than a good reader."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
        first = self._answer()
        self.targets = [Target(host, port) for host, port in first["targets"]]
        self.dead = {self.targets[place] for place in first["dead"]}
        self.native = first["native"]
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def block(self, count: int) -> list[Target]:
        """So many addresses from the first printer's on, whoever is there."""
        first = self.targets[0]
        start = IPv4Address(first.host)
        return [Target(str(start + offset), first.port) for offset in range(count)]

    def advance(self, seconds: float) -> None:
        """Let time pass for the printers."""
        self._tell({"advance": seconds})

    def silence(self, count: int) -> None:
        """So many of them, evenly spread, answer nothing from now on."""
        self._tell({"silence": count})

    def network(self, *, latency: float = 0.0, loss: float = 0.0, most_octets: int = MOST_OCTETS) -> None:
        """Answer after ``latency`` seconds with so many octets at most; lose this share of requests and of replies.

        The counts begin anew, and what is lost is drawn again in the same way.
        """
        self._tell({"latency": latency, "loss": loss, "most_octets": most_octets})

    def counts(self) -> Counts:
        """What arrived since the network was last set."""
        return Counts(**self._tell({}))

    def note(self) -> None:
        """Keep every request from now on."""
        self._tell({"note": 1})

    def noted(self) -> dict[Address, list[bytes]]:
        """What each printer was asked since `note`; empty where `native` is false."""
        asked: dict[Address, list[bytes]] = {}
        for number, datagram in self._tell({"noted": 1})["noted"]:
            target = self.targets[number]
            asked.setdefault((target.host, target.port), []).append(bytes.fromhex(datagram))
        return asked

    def _tell(self, command: dict[str, float]) -> dict[str, Any]:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("the printers were not started")
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("the printers were not started")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the simulated printers ended; run `python -m bench.printer_process 3` to see why")
        answer: dict[str, Any] = json.loads(line)
        return answer
