"""The benchmarks' responder in C answers as the simulated printers' own room in Python does, and survives rubbish."""

import shutil
import socket
import time
from collections.abc import Iterator
from random import Random

import pytest

from bench.fleets import many_printers
from bench.printer_process import StandingClock
from bench.responder import Responder
from edge.reading.plan import PROBE, TABLE_GROUPS
from edge.snmp.codec import Oid, RequestKind, prepare
from local.printers.fleet import COMMUNITY
from local.printers.messages import answer, decode_request
from local.printers.rows import MibView
from tests.support.mutations import spoilt

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler (cc)")

HOSTS = ["127.0.77.1", "127.0.77.9"]
SECONDS = 2.0
REQUEST_ID = 0x0102_0304


@pytest.fixture
def views() -> list[MibView]:
    return [printer.view() for printer in many_printers(len(HOSTS), 0, StandingClock())]


@pytest.fixture
def responder(views: list[MibView]) -> Iterator[Responder]:
    with Responder(HOSTS, COMMUNITY) as started:
        for number, view in enumerate(views):
            started.put(number, [view.encoded(oid) for oid, _ in view.below(())])
        started.counts()
        yield started


@pytest.fixture
def asker() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.settimeout(SECONDS)
        yield channel


def requests(view: MibView, chance: Random) -> Iterator[bytes]:
    """Requests of every kind and version for names that are there, nearly there, and nowhere."""
    names = [oid for oid, _ in view.below(())]
    asked: list[tuple[Oid, ...]] = [PROBE, *(group.columns for group in TABLE_GROUPS), (names[-1],), ((1, 3),)]
    for _ in range(60):
        some = chance.sample(names, chance.randint(1, 30))
        asked.append(tuple(name[: chance.randint(2, len(name))] if chance.random() < 0.3 else name for name in some))
    for names_asked in asked:
        for version in (0, 1):
            for kind in (RequestKind.GET, RequestKind.GET_NEXT):
                yield prepare(kind, COMMUNITY, names_asked, version=version).with_request_id(REQUEST_ID)
        once, repetitions = chance.randint(0, len(names_asked)), chance.choice((0, 1, 4, 20))
        yield prepare(RequestKind.GET_BULK, COMMUNITY, names_asked, once, repetitions).with_request_id(REQUEST_ID)


@pytest.mark.parametrize("most_octets", [1_400, 484])
def test_every_request_is_answered_octet_by_octet_as_in_python(
    responder: Responder, views: list[MibView], asker: socket.socket, most_octets: int
) -> None:
    responder.network(most_octets=most_octets)
    chance = Random(5)  # noqa: S311 - which names, not a secret
    for host, view in zip(HOSTS, views, strict=True):
        for request in requests(view, chance):
            asker.sendto(request, (host, responder.port))
            reply, source = asker.recvfrom(65_535)

            assert source == (host, responder.port)
            assert reply == answer(view, decode_request(request), max_response=most_octets)


def test_rows_that_change_and_go_are_shown(responder: Responder, views: list[MibView], asker: socket.socket) -> None:
    view = views[0]
    name = next(oid for oid, _ in view.below(()))
    request = prepare(RequestKind.GET_NEXT, COMMUNITY, ((1, 3),)).with_request_id(REQUEST_ID)
    responder.cut(0, [view.encoded(name)])
    view.remove(name)
    responder.counts()

    asker.sendto(request, (HOSTS[0], responder.port))

    assert asker.recv(65_535) == answer(view, decode_request(request))


def test_rubbish_another_community_and_an_empty_address_get_no_answer_and_end_nothing(
    responder: Responder, views: list[MibView], asker: socket.socket
) -> None:
    responder.network()
    chance = Random(7)  # noqa: S311 - what is spoilt, not a secret
    sound = list(requests(views[0], chance))[:40]
    stranger = prepare(RequestKind.GET, "stranger", (PROBE[0],)).with_request_id(REQUEST_ID)
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as spoiler:
        for _ in range(3_000):
            rubbish = spoilt(chance.choice(sound), chance)[:60_000]
            sent += spoiler.sendto(rubbish, (HOSTS[0], responder.port)) == len(rubbish)
            if sent % 50 == 0:
                responder.counts()  # it keeps up
        before = responder.counts().answered
        spoiler.sendto(stranger, (HOSTS[0], responder.port))
        spoiler.sendto(sound[0], ("127.0.77.2", responder.port))
        assert responder.counts().answered == before
    asker.sendto(sound[0], (HOSTS[1], responder.port))

    assert asker.recv(65_535)
    assert responder.counts().refused > 1_000


def test_latency_and_slowness_are_kept_and_a_silent_printer_is_silent(
    responder: Responder, views: list[MibView], asker: socket.socket
) -> None:
    request = prepare(RequestKind.GET, COMMUNITY, ((*PROBE[0], 0),)).with_request_id(REQUEST_ID)
    responder.network(latency=0.05)
    responder.slow([1], 0.1)
    responder.counts()
    for host, least in zip(HOSTS, (0.05, 0.15), strict=True):
        began = time.monotonic()
        asker.sendto(request, (host, responder.port))
        asker.recv(65_535)
        assert least <= time.monotonic() - began < least + SECONDS / 2
    responder.silence([0])
    responder.counts()
    asker.settimeout(0.2)
    asker.sendto(request, (HOSTS[0], responder.port))

    with pytest.raises(TimeoutError):
        asker.recv(65_535)


def test_two_askers_that_ask_alike_lose_alike(responder: Responder, asker: socket.socket) -> None:
    request = prepare(RequestKind.GET, COMMUNITY, ((*PROBE[0], 0),)).with_request_id(REQUEST_ID)
    answered = []
    for _ in range(2):
        responder.network(loss=0.3)
        for host in HOSTS * 20:
            asker.sendto(request, (host, responder.port))
        deadline = time.monotonic() + SECONDS
        while responder.counts().packets < 40 and time.monotonic() < deadline:
            time.sleep(0.01)
        answered.append(responder.counts().answered)

    assert answered[0] == answered[1]
    assert 5 < answered[0] < 35
