"""Files that list places to look, one a line."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from edge.snmp.targets import TargetError

MAX_FILE_BYTES: Final = 8 * 1024 * 1024


def lines_of(path: Path) -> list[str]:
    """The lines of a file.

    Raises:
        TargetError: It cannot be read, is too large or is not text; the message names it.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise TargetError(f"{path}: larger than {MAX_FILE_BYTES} octets: is it a list of printers?")
        return path.read_text("utf-8").splitlines()
    except OSError as error:
        raise TargetError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TargetError(f"{path}: is not UTF-8 text") from error


def expanded(entries: Iterable[str]) -> list[str]:
    """Entries, those that are files replaced by their lines.

    Raises:
        TargetError: As `lines_of`.
    """
    lines: list[str] = []
    for entry in entries:
        path = Path(entry)
        lines.extend(lines_of(path) if path.is_file() else [entry])
    return lines
