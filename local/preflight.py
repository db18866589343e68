"""What must be there before anything starts: ``python -m local.preflight [--assembly DIR]``.

Runs before the virtual environment exists, so: standard library only, and no syntax newer than
the oldest Python that should still be able to print the message about its age.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
EXIT_CODE = 2

_REPOSITORY = Path(__file__).resolve().parent.parent
_NODE_SECONDS = 20


class PreflightError(Exception):
    """Something outside this repository is missing; the message says what and what to do."""


def check_python(found: "tuple[int, ...]") -> None:
    """Raise PreflightError when the version tuple ``found`` is older than 3.11."""
    if tuple(found[:2]) < OLDEST_PYTHON:
        raise PreflightError(
            "Python 3.11 or newer is needed, this is "
            + ".".join(str(part) for part in found[:2])
            + ". Install a newer one and name it: make PYTHON=python3.11"
        )


def check_node(program: str = "node") -> None:
    """Raise PreflightError when node is missing, silent or older than 20 (the CDK runs on it)."""
    path = shutil.which(program)
    if path is None:
        raise PreflightError("node is missing. Install node 20 or newer: the CDK needs it to synth")
    try:
        answer = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=_NODE_SECONDS,
        ).stdout.strip()
        major = int(answer.lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise PreflightError(f"{path} --version gave no version ({error})") from error
    if major < OLDEST_NODE:
        raise PreflightError(f"node 20 or newer is needed, {path} is {answer}. Install a newer one")


def check_writable(folder: Path) -> None:
    """Raise PreflightError when no file can be made in ``folder`` (made when missing)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=str(folder)):
            pass
    except OSError as error:
        raise PreflightError(
            f"{folder} cannot be written ({error.strerror}). Give yourself write permission there, or remove it"
        ) from error


def check_assembly(assembly: Path) -> None:
    """Raise PreflightError when ``assembly`` holds no synthesized application."""
    if not (assembly / "manifest.json").is_file():
        raise PreflightError(f"No synthesized application in {assembly}. Run: make synth-local")


def main(arguments: "list[str] | None" = None) -> int:
    """Run every check; print the first problem and return 2, or return 0 silently."""
    parser = argparse.ArgumentParser(description="Check what the local stack needs.")
    parser.add_argument("--assembly", type=Path, help="also check that this folder is synthesized")
    parser.add_argument("--state-dir", type=Path, default=_REPOSITORY / ".local")
    parser.add_argument("--node", default="node", help="the node program to check")
    options = parser.parse_args(arguments)
    try:
        check_python(sys.version_info[:2])
        check_node(options.node)
        check_writable(options.state_dir)
        if options.assembly is not None:
            check_assembly(options.assembly)
    except PreflightError as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_CODE
    return 0


if __name__ == "__main__":
    sys.exit(main())
