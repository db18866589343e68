import asyncio
import gzip
import random
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from edge.cloud.keys import ServerClock
from edge.cloud.uploader import Attempt, Backoff, Progress, Uploader, upload_body
from edge.spool.spool import Spool
from shared.wire.base import MAX_UPLOAD_BYTES
from shared.wire.reading import PrinterReading, Supply
from shared.wire.upload import Upload
from tests.support.edge_sending import NOON, FakeCloud, a_mint, a_problem, a_reading, a_spool, reported


def attempt(folder: Path, spool: Spool, cloud: FakeCloud) -> Attempt:
    async def once() -> Attempt:
        mint = a_mint(folder)
        async with cloud.client(folder, mint.clock) as client:
            return await Uploader(spool, client, mint).attempt()

    return asyncio.run(once())


def empty(folder: Path, spool: Spool, cloud: FakeCloud) -> list[Attempt]:
    attempts = [attempt(folder, spool, cloud)]
    while attempts[-1].progress is Progress.MOVED:
        attempts.append(attempt(folder, spool, cloud))
        assert len(attempts) < 50
    return attempts


def fill(spool: Spool, *ids: str) -> None:
    spool.record([reported(a_reading(reading_id)) for reading_id in ids])


def test_what_is_sent_is_an_upload_of_the_readings_as_taken(tmp_path: Path) -> None:
    cloud = FakeCloud()
    reading = a_reading("rd_1")
    with a_spool(tmp_path) as spool:
        spool.record([reported(reading)])

        done = attempt(tmp_path, spool, cloud)

    (request,) = cloud.requests
    (upload,) = cloud.uploads
    assert done.progress is Progress.MOVED
    assert (request.method, request.url.path) == ("POST", "/v1/uploads")
    assert request.headers["content-type"] == "application/gzip"
    assert request.headers["authorization"].startswith("Bearer ey")
    assert PrinterReading.model_validate(upload.readings[0]) == reading


def test_acknowledged_readings_leave_the_spool(tmp_path: Path) -> None:
    cloud = FakeCloud()
    with a_spool(tmp_path) as spool:
        fill(spool, "a", "b")

        last = empty(tmp_path, spool, cloud)[-1]

        assert last.progress is Progress.IDLE
        assert cloud.stored == ["a", "b"]
        assert spool.status().queued == 0
        assert spool.status().last_upload_at is not None


def test_a_rejected_reading_is_set_aside_and_named(tmp_path: Path) -> None:
    cloud = FakeCloud(reject=lambda reading_id: "identity: no serial" if reading_id == "b" else None)
    with a_spool(tmp_path) as spool:
        fill(spool, "a", "b", "c")

        done = attempt(tmp_path, spool, cloud)

        assert done.rejected == ("b: identity: no serial",)
        assert (spool.status().queued, spool.status().dead_letters) == (0, 1)


FAULTS = [
    a_problem(401),
    a_problem(403),
    a_problem(404),
    a_problem(408),
    a_problem(425),
    a_problem(429),
    a_problem(500),
    a_problem(503),
    httpx.Response(302, headers={"location": "https://elsewhere.example"}),
    httpx.Response(200, text="<html>log in to the guest network</html>"),
    httpx.Response(200, json={}),
    httpx.Response(400, text="<html>proxy</html>"),
    httpx.Response(422, json={"message": "not a problem document"}),
    httpx.ConnectError("refused"),
    httpx.ReadTimeout("slow"),
    httpx.RemoteProtocolError("cut"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_keeps_every_reading_and_the_same_batch_is_sent_again(
    tmp_path: Path, fault: httpx.Response | Exception
) -> None:
    cloud = FakeCloud()
    cloud.script = [fault]
    with a_spool(tmp_path) as spool:
        fill(spool, "a", "b")
        before = spool.next_batch(NOON)

        failed = attempt(tmp_path, spool, cloud)

        assert failed.progress is Progress.WAIT
        assert failed.reason
        assert spool.status().last_upload_error == failed.reason
        assert spool.next_batch(NOON) == before
        empty(tmp_path, spool, cloud)
    assert cloud.stored == ["a", "b"]


def test_an_answer_lost_on_the_way_stores_nothing_twice(tmp_path: Path) -> None:
    cloud = FakeCloud()

    def store_and_lose(request: httpx.Request) -> httpx.Response:
        if not cloud.requests:
            cloud.requests.append(request)
            cloud.accept(request.content)
            raise httpx.ReadError("cut")
        return FakeCloud.answer(cloud, request)

    cloud.answer = store_and_lose  # type: ignore[method-assign]
    with a_spool(tmp_path) as spool:
        fill(spool, "a", "b")

        empty(tmp_path, spool, cloud)
        fill(spool, "c")
        empty(tmp_path, spool, cloud)

    assert cloud.stored == ["a", "b", "c"]


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_refused_batch_is_halved_until_the_offender_is_alone(tmp_path: Path, status: int) -> None:
    cloud = FakeCloud()

    def refuse_the_offender(request: httpx.Request) -> httpx.Response:
        upload = Upload.model_validate_json(gzip.decompress(request.content))
        if any(reading["reading_id"] == "r5" for reading in upload.readings):
            return a_problem(status)
        return FakeCloud.answer(cloud, request)

    cloud.answer = refuse_the_offender  # type: ignore[method-assign]
    with a_spool(tmp_path) as spool:
        fill(spool, *(f"r{number}" for number in range(9)))

        attempts = empty(tmp_path, spool, cloud)

        assert sorted(cloud.stored) == [f"r{number}" for number in range(9) if number != 5]
        assert spool.status().dead_letters == 1
        assert [rejected for done in attempts for rejected in done.rejected] == [f"r5: HTTP {status} Refused: because"]


def test_a_proxy_that_refuses_the_size_even_of_one_reading_loses_nothing(tmp_path: Path) -> None:
    cloud = FakeCloud()
    cloud.script = [httpx.Response(413, text="<html>too large</html>") for _ in range(3)]
    with a_spool(tmp_path) as spool:
        fill(spool, "a", "b")

        attempts = empty(tmp_path, spool, cloud)

        assert attempts[-1].progress is Progress.WAIT
        assert (spool.status().queued, spool.status().dead_letters) == (2, 0)


@pytest.mark.parametrize(
    ("header", "seconds"), [("120", 120.0), ("Fri, 01 Jan 2100 00:00:00 GMT", None), ("soon", None)]
)
def test_retry_after_is_told(tmp_path: Path, header: str, seconds: float | None) -> None:
    cloud = FakeCloud()
    cloud.script = [a_problem(429, headers={"retry-after": header})]
    with a_spool(tmp_path) as spool:
        fill(spool, "a")

        failed = attempt(tmp_path, spool, cloud)

    if header.startswith("Fri"):
        assert failed.retry_after_seconds is not None
        assert failed.retry_after_seconds > 86_400
    else:
        assert failed.retry_after_seconds == seconds


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_not_sent_again(tmp_path: Path, status: int) -> None:
    cloud = FakeCloud()
    cloud.script = [a_problem(status), a_problem(500)]

    first, second, third = _tokens_of_three_attempts(tmp_path, cloud)

    assert first != second
    assert second == third


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_signed_anew_with_the_servers_time(tmp_path: Path, status: int) -> None:
    cloud = FakeCloud()
    cloud.script = [a_problem(status, headers={"date": "Fri, 01 Jan 2100 00:00:00 GMT"})]

    async def twice() -> ServerClock:
        mint = a_mint(tmp_path)
        async with cloud.client(tmp_path, mint.clock) as client:
            uploader = Uploader(spool, client, mint)
            await uploader.attempt()
            await uploader.attempt()
        return mint.clock

    with a_spool(tmp_path) as spool:
        fill(spool, "a")
        clock = asyncio.run(twice())

    first, second = (request.headers["authorization"] for request in cloud.requests)
    assert first != second
    assert clock.offset > timedelta(days=365)


def test_a_batch_never_unpacks_to_more_than_the_cloud_takes(tmp_path: Path) -> None:
    supplies = [Supply(index=f"1.{number}", description="x" * 255) for number in range(1, 61)]
    big = [a_reading(f"r{number}").model_copy(update={"supplies": supplies}) for number in range(80)]
    cloud = FakeCloud()
    with a_spool(tmp_path) as spool:
        spool.record([reported(reading) for reading in big])

        empty(tmp_path, spool, cloud)

    sizes = [len(gzip.decompress(request.content)) for request in cloud.requests]
    assert len(sizes) > 1
    assert max(sizes) <= MAX_UPLOAD_BYTES
    assert len(cloud.stored) == 80


def test_the_new_configurations_tag_is_passed_on(tmp_path: Path) -> None:
    cloud = FakeCloud()
    with a_spool(tmp_path) as spool:
        fill(spool, "a")
        batch = spool.next_batch(NOON)
        assert batch is not None
        receipt = cloud.accept(gzip.compress(upload_body(batch, NOON))).json()
        cloud.script = [httpx.Response(200, json={**receipt, "config_etag": "v2"})]

        assert attempt(tmp_path, spool, cloud).config_etag == "v2"


def test_delays_double_from_a_second_to_a_quarter_of_an_hour_with_full_jitter() -> None:
    highest = [max(delays) for delays in zip(*(_delays(seed) for seed in range(300)), strict=True)]
    lowest = [min(delays) for delays in zip(*(_delays(seed) for seed in range(300)), strict=True)]

    for high, ceiling in zip(highest, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900], strict=True):
        assert 0.9 * ceiling < high <= ceiling
    assert all(low < 0.1 * high for low, high in zip(lowest, highest, strict=True))


def test_a_success_begins_the_delays_anew_and_retry_after_is_honoured_up_to_an_hour() -> None:
    backoff = Backoff(random.Random(1))  # noqa: S311  nothing secret
    for _ in range(12):
        backoff.next_delay_seconds()

    assert backoff.next_delay_seconds(1_800.0) >= 1_800
    assert backoff.next_delay_seconds(10.0**9) <= 3_600

    backoff.reset()

    assert backoff.next_delay_seconds() <= 1


def _delays(seed: int) -> list[float]:
    backoff = Backoff(random.Random(seed))  # noqa: S311  nothing secret
    return [backoff.next_delay_seconds() for _ in range(12)]


def _tokens_of_three_attempts(folder: Path, cloud: FakeCloud) -> list[str]:
    async def thrice() -> None:
        mint = a_mint(folder)
        async with cloud.client(folder, mint.clock) as client:
            uploader = Uploader(spool, client, mint)
            for _ in range(3):
                await uploader.attempt()

    with a_spool(folder) as spool:
        fill(spool, "a")
        asyncio.run(thrice())
    return [request.headers["authorization"] for request in cloud.requests]
