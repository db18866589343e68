"""Requests to the table side by side: an upload's printers, a page's printers."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

WORKERS: Final = 8


def run_all(tasks: Sequence[Callable[[], None]]) -> None:
    """Run the tasks, at most `WORKERS` at once; the first error is raised after all have ended."""
    if len(tasks) < WORKERS:
        for task in tasks:
            task()
        return
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        futures = [pool.submit(_run_each, tasks[start::WORKERS]) for start in range(WORKERS)]
    for future in futures:
        future.result()


def _run_each(tasks: Sequence[Callable[[], None]]) -> None:
    for task in tasks:
        task()
