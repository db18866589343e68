"""What is known of the SNMP engine at an address: its id, and its time as far as it was proven (RFC 3414 section 2)."""

from collections.abc import Callable
from typing import Final

WINDOW_SECONDS: Final = 150
MAX_BOOTS: Final = 2**31 - 1
"""An engine that counted so many boots answers nobody until it is set up again (RFC 3414 section 2.2.3)."""
MAX_ENGINES: Final = 65_536


class Engine:
    """The engine at one address.

    Its time is first a hint, told by a message that nobody signed: good enough to ask with, as a wrong one costs one
    more request. Only signed messages make it known, and from then on older ones are refused.

    Args:
        engine_id: its snmpEngineID.
        boots: how often it started, as it says.
        time: seconds since it started, as it says.
        clock: monotonic seconds.
    """

    __slots__ = ("_boots", "_clock", "_known_at", "_proven", "_time", "engine_id")

    def __init__(self, engine_id: bytes, boots: int, time: int, clock: Callable[[], float]) -> None:
        self.engine_id = engine_id
        self._boots = boots
        self._time = time
        self._clock = clock
        self._known_at = clock()
        self._proven = False

    def now(self) -> tuple[int, int]:
        """Its boots and its time, for a message that is sent now."""
        return self._boots, min(self._time + int(self._clock() - self._known_at), MAX_BOOTS)

    def accept(self, boots: int, time: int) -> bool:
        """Whether a signed message of that time is timely; a newer time becomes the engine's (RFC 3414 3.2 step 7b)."""
        if boots >= MAX_BOOTS:
            return False
        if not self._proven or (boots, time) > (self._boots, self._time):
            self._boots, self._time, self._known_at, self._proven = boots, time, self._clock(), True
            return True
        return boots == self._boots and time >= self.now()[1] - WINDOW_SECONDS


class Engines:
    """The engines by address, so many at most; of the rest the one kept longest is forgotten, and discovered again.

    Putting one twice, or forgetting one that is not there, changes nothing.
    """

    def __init__(self, most: int = MAX_ENGINES) -> None:
        self._most = most
        self._engines: dict[tuple[str, int], Engine] = {}

    def get(self, address: tuple[str, int]) -> Engine | None:
        """The engine at an address, None when it has yet to be discovered."""
        return self._engines.get(address)

    def put(self, address: tuple[str, int], engine: Engine) -> None:
        """Keep an engine instead of the one that was there."""
        self.forget(address)
        while len(self._engines) >= self._most:
            del self._engines[next(iter(self._engines))]
        self._engines[address] = engine

    def forget(self, address: tuple[str, int]) -> None:
        """Discover the engine at an address anew when it is asked next."""
        self._engines.pop(address, None)
