"""Requests to the table side by side: an upload's printers, a page's printers."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import Final

WORKERS: Final = 8


def run_all(tasks: Sequence[Callable[[], None]]) -> None:
    """Run the tasks, at most `WORKERS` at once; the first error is raised after all have ended.

    The threads are the process's and wait for the next request. No task may run others in this way: it would wait for
    the thread that it has.
    """
    if len(tasks) < WORKERS:
        for task in tasks:
            task()
        return
    futures = [_pool().submit(_run_each, tasks[start::WORKERS]) for start in range(WORKERS)]
    wait(futures)
    for future in futures:
        future.result()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="table")


def _run_each(tasks: Sequence[Callable[[], None]]) -> None:
    for task in tasks:
        task()
