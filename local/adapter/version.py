"""The one emulator version whose private functions the patches of this package were read for."""

from importlib.metadata import PackageNotFoundError, version

PINNED_VERSION = "1.5.33"


class WrongEmulatorError(RuntimeError):
    """The installed emulator is missing or is not the one the patches were written for."""


def installed_version() -> str:
    """Return the version of ministack in this environment, or ``"none"``."""
    try:
        return version("ministack")
    except PackageNotFoundError:
        return "none"


def require_pinned_version(found: str) -> None:
    """Promise that ``found`` is the version the patches fit.

    The patches replace private functions, so another version could fail in ways that look like
    faults of the application; refusing is the only safe answer.

    Raises:
        WrongEmulatorError: Saying what is wanted, what was found and what to run.
    """
    if found == PINNED_VERSION:
        return
    raise WrongEmulatorError(
        f"The local stack needs ministack {PINNED_VERSION} exactly, found {found}. "
        "Its adapter patches private functions of that version. Run: "
        "pip install --require-hashes -r requirements/dev.txt"
    )
