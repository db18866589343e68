"""What the agent tells of itself: to the log when it changes, and to the spool for `platen-agent status`."""

from typing import Final

from edge.log import get_logger
from edge.site.following import Sink
from edge.spool.status import Noted

FAULT: Final = "fault_"
"""Begins the names of facts that say what does not work; an empty one works."""
_LONGEST: Final = 500
log = get_logger()


class SelfReport:
    """Logs a fault when it begins or changes, and its end; never its repetition. Keeps facts, each when it changes."""

    def __init__(self, recorder: Sink) -> None:
        self._recorder = recorder
        self._told: dict[str, str] = {}

    def tell(self, name: str, value: str) -> None:
        """Keep a fact; an empty value forgets it."""
        if self._told.get(name) != value:
            self._told[name] = value
            self._recorder.put(Noted({name: value[:_LONGEST]}))

    def fault(self, what: str, reason: str | None) -> None:
        """``what`` does not work for a reason, or works when there is none."""
        name, said = f"{FAULT}{what}", reason or ""
        before = self._told.get(name)
        if before == said:
            return
        if said:
            log.warning("does not work now", what=what, reason=said)
        elif before:
            log.info("works again", what=what)
        self.tell(name, said)
