import asyncio
from functools import partial

import pytest

from edge.snmp.deadlines import Deadlines
from tests.support.stopwatch import run_jumping


def test_a_wait_ends_with_none_when_its_time_is_up_and_not_before() -> None:
    async def run() -> tuple[object, float]:
        loop = asyncio.get_running_loop()
        deadlines, future, began = Deadlines(), loop.create_future(), loop.time()
        deadlines.begin(future, 0.03)
        return await future, loop.time() - began

    outcome, seconds = run_jumping(run())

    assert outcome is None
    assert seconds == pytest.approx(0.03)


def test_waits_of_many_lengths_end_in_the_order_of_their_ends() -> None:
    async def run() -> list[int]:
        loop = asyncio.get_running_loop()
        deadlines, ended = Deadlines(), list[int]()
        futures = []

        def note(number: int, _: object) -> None:
            ended.append(number)

        for number, seconds in enumerate((0.06, 0.02, 0.06, 0.04, 0.02)):
            future: asyncio.Future[None] = loop.create_future()
            future.add_done_callback(partial(note, number))
            deadlines.begin(future, seconds)
            futures.append(future)
        await asyncio.gather(*futures)
        await asyncio.sleep(0)
        return ended

    assert run_jumping(run()) == [1, 4, 3, 0, 2]


def test_what_was_answered_in_time_keeps_its_answer() -> None:
    async def run() -> tuple[object, object]:
        loop = asyncio.get_running_loop()
        deadlines, answered, silent = Deadlines(), loop.create_future(), loop.create_future()
        deadlines.begin(answered, 0.02)
        deadlines.begin(silent, 0.02)
        answered.set_result("answer")
        await silent
        return answered.result(), silent.result()

    assert run_jumping(run()) == ("answer", None)


def test_nothing_is_kept_of_waits_that_have_ended() -> None:
    async def run() -> Deadlines:
        loop = asyncio.get_running_loop()
        deadlines = Deadlines()
        for seconds in (0.01, 0.011, 0.012):
            deadlines.begin(loop.create_future(), seconds)
        await asyncio.sleep(0.05)
        return deadlines

    deadlines = run_jumping(run())

    assert not deadlines._queues
    assert not deadlines._timers


def test_a_cleared_wait_does_not_end() -> None:
    async def run() -> bool:
        deadlines, future = Deadlines(), asyncio.get_running_loop().create_future()
        deadlines.begin(future, 0.01)
        deadlines.clear()
        await asyncio.sleep(0.03)
        return future.done()

    assert not run_jumping(run())


def test_a_wait_that_is_over_neither_ends_nor_keeps_its_future() -> None:
    async def run() -> tuple[bool, bool, Deadlines]:
        deadlines, future = Deadlines(), asyncio.get_running_loop().create_future()
        deadline = deadlines.begin(future, 0.01)
        deadline.over()
        deadline.over()
        await asyncio.sleep(0.05)
        return future.done(), deadline.future is None, deadlines

    done, forgotten, deadlines = run_jumping(run())

    assert not done
    assert forgotten
    assert not deadlines._queues
