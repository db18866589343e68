"""The simulated printers' process as the benchmarks use it: a context manager that starts, commands and ends it."""

import json
import subprocess
import sys
from typing import Any, Final, Self

from edge.targets import Target

_STOP_SECONDS: Final = 5.0


class Printers:
    """Simulated printers on loopback, in a process of their own, so that their CPU is nobody else's.

    Args:
        count: printers, each at an address of its own.
        dead: how many of them never answer.
    """

    def __init__(self, count: int, *, dead: int = 0) -> None:
        self._command = [sys.executable, "-m", "bench.printer_process", str(count), "--dead", str(dead)]
        self._process: subprocess.Popen[str] | None = None
        self.targets: list[Target] = []
        self.dead: set[Target] = set()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
        first = self._answer()
        self.targets = [Target(host, port) for host, port in first["targets"]]
        self.dead = {self.targets[place] for place in first["dead"]}
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

    def advance(self, seconds: float) -> None:
        """Let time pass for the printers."""
        self._tell({"advance": seconds})

    def network(self, *, latency: float = 0.0, loss: float = 0.0) -> None:
        """Answer after ``latency`` seconds and lose this share of requests and of replies."""
        self._tell({"latency": latency, "loss": loss})

    def packets(self) -> int:
        """Requests that arrived so far."""
        return int(self._tell({})["packets"])

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
