"""Requests side by side: an error is told when all have ended, and the threads are there for the next ones."""

from collections.abc import Callable
from threading import get_ident

import pytest

from functions.ingest.table.workers import WORKERS, run_all


def test_an_error_is_raised_after_all_others_have_ended() -> None:
    ended: list[int] = []

    def task(number: int) -> Callable[[], None]:
        def run() -> None:
            if number == 0:
                raise ConnectionError("the store went away")
            ended.append(number)

        return run

    with pytest.raises(ConnectionError, match="went away"):
        run_all([task(number) for number in range(WORKERS)])

    assert sorted(ended) == list(range(1, WORKERS))


def test_the_same_threads_serve_the_next_requests_whatever_became_of_the_last() -> None:
    threads: set[int] = set()

    def fails() -> None:
        raise ConnectionError("the store went away")

    for _ in range(3):
        with pytest.raises(ConnectionError):
            run_all([fails] * WORKERS)
        run_all([lambda: threads.add(get_ident())] * (3 * WORKERS))

    assert 1 <= len(threads) <= WORKERS
    assert get_ident() not in threads


def test_a_few_run_where_they_are_called() -> None:
    threads: list[int] = []

    run_all([lambda: threads.append(get_ident())] * (WORKERS - 1))

    assert threads == [get_ident()] * (WORKERS - 1)
