"""One agent at a time works on a state folder."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.files import StateFolderError, prepare_folder


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
        file = (folder / "agent.lock").open("a+b")
    except OSError as error:
        raise StateFolderError(
            f"{folder / 'agent.lock'} cannot be opened ({error.strerror}): check its owner"
        ) from error
    with file:
        try:
            _lock(file.fileno())
        except OSError as error:
            raise AlreadyRunningError(
                f"another platen-agent is running on state_dir {folder}: stop it first, or set another state_dir"
            ) from error
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
