"""What the commands of an installed agent share: options, exit codes, and errors as one plain message."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from edge.clock import ClockError
from edge.cloud.activation import ActivationError, MistypedCodeError, NotActivatedError
from edge.cloud.http import CloudUnreachableError
from edge.cloud.keys import KeyFileError
from edge.config.settings import ConfigError
from edge.files import StateFolderError
from edge.lock import AlreadyRunningError
from edge.spool.file import SpoolCorruptError, SpoolError
from edge.spool.journal_entries import JournalError

FAILED: Final = 1
"""It was asked for rightly and did not work; trying again may."""
MISUSED: Final = 2
"""The configuration, the identity or the command line is wrong; trying again does not help."""
_MISUSES: Final = (
    ConfigError,
    ClockError,
    MistypedCodeError,
    NotActivatedError,
    AlreadyRunningError,
    StateFolderError,
    KeyFileError,
)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", help="The agent's TOML file.", show_default="agent.toml in the user's configuration folder"
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


@contextmanager
def plain_errors() -> Iterator[None]:
    """Foreseeable errors as one message on stderr and the exit code that their kind has."""
    try:
        yield
    except _MISUSES as error:
        fail(str(error), MISUSED)
    except (ActivationError, CloudUnreachableError, JournalError, SpoolError) as error:
        fail(str(error), FAILED)
    except SpoolCorruptError as error:
        fail(f"the spool is damaged ({error}): 'platen-agent run' sets it aside and begins a new one", FAILED)


def fail(message: str, code: int) -> NoReturn:
    """End the command with a message and an exit code."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
