"""The way to a partner's address: one time limit over all of it, the name's look-up too."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

import httpx
import pytest

from functions.webhooks.sending import endpoint
from functions.webhooks.sending.endpoint import HttpsEndpoint
from tests.support.stopwatch import Stopwatch
from tests.support.webhooks import NOW

URL = "https://hooks.example.com/platen"
PUBLIC = "93.184.215.14"
LIMIT = 0.3


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing may take longer than the limit; what waits for the event ends with the test."""
    monkeypatch.setattr(endpoint, "WHOLE_SECONDS", LIMIT)
    released = threading.Event()
    yield released
    released.set()


def to(resolve: Callable[[str, int], Sequence[str]], asked: list[str] | None = None) -> HttpsEndpoint:
    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(f"{request.url.host} {request.headers['host']}")
        return httpx.Response(204, content=nothing())

    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    return HttpsEndpoint(ssl.create_default_context(), (), resolve, httpx.MockTransport(answer))


def test_a_message_goes_to_the_address_that_was_looked_up_and_checked() -> None:
    asked: list[str] = []

    answer = to(lambda _host, _port: [PUBLIC], asked).post(URL, {}, b"{}", NOW)

    assert (answer.status, answer.error) == (204, None)
    assert asked == [f"{PUBLIC} hooks.example.com"]


def test_a_name_whose_look_up_hangs_costs_no_more_than_the_limit(stuck: threading.Event) -> None:
    def hang(_host: str, _port: int) -> Sequence[str]:
        stuck.wait(30)
        return [PUBLIC]

    with Stopwatch() as watch:
        answer = to(hang).post(URL, {}, b"{}", NOW)

    assert (answer.status, answer.error) == (None, "timeout")
    assert watch.seconds < LIMIT + 2


def test_a_slow_look_up_leaves_the_request_only_what_is_left(
    stuck: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 2.0
    monkeypatch.setattr(endpoint, "WHOLE_SECONDS", limit)

    async def never(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return httpx.Response(204)

    def slow(_host: str, _port: int) -> Sequence[str]:
        stuck.wait(limit * 0.7)
        return [PUBLIC]

    way = HttpsEndpoint(ssl.create_default_context(), (), slow, httpx.MockTransport(never))
    with Stopwatch() as watch:
        answer = way.post(URL, {}, b"{}", NOW)

    assert (answer.status, answer.error) == (None, "timeout")
    assert watch.seconds < limit * 1.6


def test_a_name_that_leads_inside_is_refused_by_its_code() -> None:
    asked: list[str] = []

    answer = to(lambda _host, _port: ["10.0.0.1"], asked).post(URL, {}, b"{}", NOW)

    assert (answer.status, answer.error, asked) == (None, "private_address", [])
