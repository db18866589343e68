"""Small private files of the state folder: written whole or not at all, readable by the agent's user only."""

import os
import stat
import tempfile
from pathlib import Path


class StateFolderError(Exception):
    """The state folder cannot be used; the message names it and the fix."""


def is_open_to_all(path: Path, *, only_to_write: bool = False) -> bool:
    """Whether every user of this computer may read or write a file, by its POSIX mode; unknown elsewhere: False."""
    if os.name != "posix":
        return False
    return bool(path.stat().st_mode & (stat.S_IWOTH if only_to_write else stat.S_IWOTH | stat.S_IROTH))


def prepare_folder(folder: Path) -> None:
    """Make the state folder if need be, for this user only.

    Raises:
        StateFolderError: It cannot be made or written to, or everybody can write to it: who can put files there
            could be this agent.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StateFolderError(
            f"state_dir {folder} cannot be written to ({error.strerror or error}): "
            "give the agent's user write permission there, or set another state_dir"
        ) from error
    if is_open_to_all(folder, only_to_write=True):
        raise StateFolderError(
            f"state_dir {folder} can be written to by everybody on this computer: chmod 0700 it, or set another"
        )


def write_private(path: Path, content: bytes) -> None:
    """Replace a file's content atomically, mode 0600, on disk before this returns.

    Safe to repeat: after a crash the file has either the old content or the new.

    Raises:
        StateFolderError: The file cannot be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:  # mkstemp made it with mode 0600
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise StateFolderError(
            f"{path} cannot be written ({error.strerror or error}): check the folder's permission and free space"
        ) from error


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened for fsync there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
