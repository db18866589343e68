"""Keeps to a rate: so many datagrams a second and no more."""

import asyncio
from collections import deque


class Pacer:
    """Spreads datagrams evenly: never more than so many within any second, None for no limit."""

    def __init__(self, packets_per_second: float | None) -> None:
        self._gap_seconds = 1 / packets_per_second if packets_per_second else 0.0
        self._next_slot = 0.0
        self._sent: deque[float] = deque(maxlen=max(int(packets_per_second or 0), 1))

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit."""
        return self._gap_seconds > 0

    async def turn(self) -> None:
        """Wait until the next datagram may go."""
        if not self._gap_seconds:
            return
        clock = asyncio.get_running_loop().time
        now = clock()
        slot = max(self._next_slot, now)
        self._next_slot = slot + self._gap_seconds
        if slot > now:
            await asyncio.sleep(slot - now)
        # A slot that was kept late does not make those after it come within one second of it.
        while len(self._sent) == self._sent.maxlen and (left := self._sent[0] + 1.0 - clock()) > 0:  # noqa: ASYNC110  time
            await asyncio.sleep(left)
        self._sent.append(clock())
