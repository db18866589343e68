"""Time in tests: a clock that jumps to the next timer, and one that leaves out when the machine stood still.

A test of how long something takes must not be one of how busy the machine is.
"""

import asyncio
import selectors
import threading
import time
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Final, Self, TypeVar

_T = TypeVar("_T")
_TICK: Final = 0.01
_IN_FLIGHT: Final = 0.001
_NOTICED: Final = 0.05
"""A later tick than this says that the process did not run."""


class _Jumping(selectors.DefaultSelector):
    """Waits for a timer no longer than a datagram over loopback takes: then the clock goes on by the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        happened = super().select(_IN_FLIGHT)
        if not happened:
            self.now += timeout
        return happened


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while everything waits, and then at once.

    Whoever is talked to has to live on the same loop; threads and other processes have no part in its time.
    """

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_jumping(work: Coroutine[Any, Any, _T]) -> _T:
    """What the coroutine returns, on a loop of its own whose waits cost nothing."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(work)


class Stopwatch:
    """Seconds from entering to leaving, or until asked, less those in which this process stood still."""

    def __enter__(self) -> Self:
        self._stood_still = 0.0
        self._over = threading.Event()
        self._began = time.monotonic()
        self._ended: float | None = None
        self._ticking = threading.Thread(target=self._tick, daemon=True)
        self._ticking.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended = time.monotonic()
        self._over.set()
        self._ticking.join()

    @property
    def seconds(self) -> float:
        return (self._ended or time.monotonic()) - self._began - self._stood_still

    def _tick(self) -> None:
        before = time.monotonic()
        while not self._over.wait(_TICK):
            now = time.monotonic()
            if now - before > _NOTICED:
                self._stood_still += now - before - _TICK
            before = now
