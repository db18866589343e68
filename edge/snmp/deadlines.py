"""When to stop waiting: one timer of the loop for many waits, as most waits are equally long and end early."""

import asyncio
from collections import deque
from typing import Any, Final

_SLACK_SECONDS: Final = 0.001


class Deadline:
    """One wait; whoever has what was waited for says so by `over`, or its answer stays in memory until it is due."""

    __slots__ = ("due", "future")

    def __init__(self, due: float, future: "asyncio.Future[Any]") -> None:
        self.due = due
        self.future: asyncio.Future[Any] | None = future

    def over(self) -> None:
        """Nobody waits any more. Safe to repeat."""
        self.future = None


class Deadlines:
    """Futures that get None when their time is up. Belongs to one running loop.

    Waits of the same length end in the order in which they began: a queue for each length needs no sorting, and
    what was answered in time is only dropped when nothing stands before it.
    """

    def __init__(self) -> None:
        self._queues: dict[float, deque[Deadline]] = {}
        self._timers: dict[float, asyncio.TimerHandle] = {}

    def begin(self, future: "asyncio.Future[Any]", seconds: float) -> Deadline:
        """Give the future None in so many seconds, unless it is done by then."""
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        queue = self._queues.get(seconds)
        if queue is None:
            queue = self._queues[seconds] = deque()
            self._timers[seconds] = loop.call_at(due, self._end, seconds)
        while queue and queue[0].future is None:  # answered: thousands would stand here until they are due
            queue.popleft()
        deadline = Deadline(due, future)
        queue.append(deadline)
        return deadline

    def clear(self) -> None:
        """Forget all waits; none of them ends any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._queues.clear()

    def _end(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time() + _SLACK_SECONDS
        queue = self._queues[seconds]
        while queue and (queue[0].due <= now or _is_over(queue[0])):
            future = queue.popleft().future
            if future is not None and not future.done():
                future.set_result(None)
        if queue:
            self._timers[seconds] = loop.call_at(queue[0].due, self._end, seconds)
        else:
            del self._queues[seconds], self._timers[seconds]


def _is_over(deadline: Deadline) -> bool:
    return deadline.future is None or deadline.future.done()
