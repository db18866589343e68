"""Libraries without what they load for a command line of their own: rich, pygments, click; 7 MB of each agent."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_CONSOLE: Final = ("rich", "pygments", "click")


@contextmanager
def without_console() -> Iterator[None]:
    """Meanwhile those that are not loaded yet seem not to be installed, so that a library does without them.

    Safe to repeat; afterwards they can be imported as ever.
    """
    hidden = [name for name in _CONSOLE if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment] # the import system's own mark for: there is none
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
