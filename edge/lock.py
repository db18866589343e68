"""One agent at a time works on a state folder."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge.files import StateFolderError, prepare_folder

LOCK_FILE: Final = "agent.lock"
_TRIES: Final = 4
_TRY_SECONDS: Final = 0.1


class AlreadyRunningError(Exception):
    """Another process holds the state folder."""


@contextmanager
def hold_state_folder(folder: Path) -> Iterator[None]:
    """Hold the folder until the block ends; the system lets go of it when the process dies, however it dies.

    Raises:
        AlreadyRunningError: Another agent holds it.
        StateFolderError: The folder cannot be used.
    """
    prepare_folder(folder)
    try:
        file = (folder / LOCK_FILE).open("a+b")
    except OSError as error:
        raise StateFolderError(f"{folder / LOCK_FILE} cannot be opened ({error.strerror}): check its owner") from error
    with file:
        for left in reversed(range(_TRIES)):
            try:
                _lock(file.fileno())
                break
            except OSError as error:
                if not left:
                    raise AlreadyRunningError(
                        f"another platen-agent is running on state_dir {folder}: stop it, or set another state_dir"
                    ) from error
                time.sleep(_TRY_SECONDS)
        yield


def is_held(folder: Path) -> bool:
    """Whether an agent is working on the folder. Takes the lock for an instant, which `hold_state_folder` outwaits."""
    try:
        with (folder / LOCK_FILE).open("r+b") as file:
            _lock(file.fileno())
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
