"""The benchmarks' programs in C: built when a compiler is there, into `build/bench`, again when a source changed."""

import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

SOURCES: Final = Path(__file__).with_name("native")
BUILT: Final = Path(__file__).parents[1] / "build" / "bench"
FLAGS: Final = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror")
PROGRAMS: Final = {
    "responder": (("responder.c", "network.c", "answers.c", "printers.c", "ber.c"), ""),
    "floor": (("floor.c",), ""),
    "netsnmp": (("netsnmp.c",), "net-snmp-config --libs"),
}
"""Each program's sources, and the command that tells which libraries it needs."""
_BUILD_SECONDS: Final = 60


class NotBuilt(Exception):
    """A program cannot be built here; the message says what is missing."""


@cache
def program(name: str) -> Path:
    """The path of one of `PROGRAMS`. Building again when nothing changed does nothing.

    Raises:
        NotBuilt: there is no compiler, a library is missing, or the sources are for another system.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise NotBuilt("no C compiler (cc)")
    names, told_by = PROGRAMS[name]
    path = BUILT / name
    newest = max(source.stat().st_mtime for source in SOURCES.iterdir())
    if path.is_file() and path.stat().st_mtime > newest:
        return path
    libraries = _said_by(told_by) if told_by else []
    BUILT.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    command = [compiler, *FLAGS, "-o", str(fresh), *(str(SOURCES / each) for each in names), *libraries]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False)  # noqa: S603 - our own sources
    if ended.returncode:
        raise NotBuilt(f"{name} does not compile here: {(ended.stderr.splitlines() or ['no reason given'])[0]}")
    return fresh.replace(path)  # whole or not at all, also when two build at once


def _said_by(command: str) -> list[str]:
    words = shlex.split(command)
    found = shutil.which(words[0])
    if found is None:
        raise NotBuilt(f"no {words[0]} (Debian package libsnmp-dev)")
    said = subprocess.run([found, *words[1:]], capture_output=True, text=True, timeout=_BUILD_SECONDS, check=True)  # noqa: S603 - fixed arguments
    return shlex.split(said.stdout)
