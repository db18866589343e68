"""Which processes belong to a local stack, so that a test can assert that none is left."""

import time
from collections.abc import Callable
from pathlib import Path


def processes_of(work_dir: Path) -> list[int]:
    """Return the live processes that carry ``work_dir`` in their environment (Linux only)."""
    mark = str(work_dir).encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                variables = (entry / "environ").read_bytes()
            except OSError:
                continue  # gone meanwhile, or not ours
            if mark in variables:
                found.append(int(entry.name))
    return found


def eventually(condition: Callable[[], bool], *, seconds: float = 10.0) -> bool:
    """Return whether ``condition`` becomes true within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()
