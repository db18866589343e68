"""What the figures were measured on, as far as they depend on it."""

import os
import platform
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and how busy it was when the run began (processes waiting for a core, last minute)."""

    processor: str
    cores: int
    system: str
    python: str
    load: float
    measured_at: str

    @property
    def text(self) -> str:
        """One line for people."""
        return (
            f"{self.processor}, {self.cores} cores, {self.system}, Python {self.python}, "
            f"load {self.load:.1f} when it began, {self.measured_at}"
        )

    def as_data(self) -> dict[str, Any]:
        """JSON types."""
        return asdict(self)


def described() -> Machine:
    """This machine, now."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        load=os.getloadavg()[0],
        measured_at=datetime.now(UTC).isoformat(timespec="minutes"),
    )


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


@contextmanager
def one_core() -> Iterator[None]:
    """What runs here, or is started here, stays on one core: readers are compared as the targets were set.

    On several cores a program with threads of its own costs more or less by what else there is to do.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def children_cpu() -> float:
    """CPU seconds, user and system, of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
