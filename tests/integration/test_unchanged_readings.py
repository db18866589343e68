"""The agent's own spool and uploader against the upload's use case: what travels, with old and new clouds."""

import asyncio
import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from edge.cloud.http import CloudClient
from edge.cloud.uploader import Uploader
from edge.spool.recorder import Recorder
from edge.spool.waiting import Taken
from functions.ingest.silence.heard import heard_at_of
from functions.ingest.uploads.accept_upload import accept_upload
from shared.wire.reading import InputTray, PrinterReading
from shared.wire.upload import Upload
from tests.support.edge_sending import a_mint, a_settings, a_spool
from tests.support.ingest import NOW, FakeDocuments, reading, sender

MORNING = NOW.replace(hour=8, minute=0, second=0) - timedelta(days=1)
Change = Callable[[dict[str, Any]], dict[str, Any]]


class Cloud:
    """The use case behind `POST /v1/uploads` at the hour that is ``now``; an old one answers without what is new."""

    def __init__(self, change: Change = lambda receipt: receipt) -> None:
        self.documents = FakeDocuments()
        self.now: datetime = MORNING
        self.bodies: list[dict[str, Any]] = []
        self._change = change

    def answer(self, request: httpx.Request) -> httpx.Response:
        upload = Upload.model_validate_json(gzip.decompress(request.content))
        self.bodies += upload.readings
        receipt = accept_upload(upload, sender=sender(now=self.now), config_etag='"c"', documents=self.documents)
        return httpx.Response(200, json=self._change(json.loads(receipt.model_dump_json())))


def hours(folder: Path, cloud: Cloud, readings: list[PrinterReading]) -> list[str]:
    """What each reading, an hour after the one before, travelled as; ``-`` when it did not."""
    told: list[str] = []

    async def go() -> None:
        mint = a_mint(folder)
        async with CloudClient(a_settings(folder), mint.clock, httpx.MockTransport(cloud.answer)) as client:
            with a_spool(folder) as spool:
                recorder, uploader = Recorder(spool, 3_600), Uploader(spool, client, mint)
                for each in readings:
                    before = len(cloud.bodies)
                    cloud.now = each.taken_at
                    recorder.put(Taken("192.0.2.7", each.taken_at, each))
                    recorder.drain()
                    await uploader.attempt()
                    told.extend("unchanged" if "same_as" in body else "whole" for body in cloud.bodies[before:])
                    told.extend(["-"] if len(cloud.bodies) == before else [])
                assert (spool.status().queued, spool.status().dead_letters) == (0, 0)

    asyncio.run(go())
    return told


def at_hour(number: int, **fields: Any) -> PrinterReading:  # noqa: ANN401 - any field of the model
    ticks = 360_000 * (number + 1)
    return reading(f"r{number}", taken_at=MORNING + timedelta(hours=number), uptime_ticks=ticks, **fields)


def test_only_what_is_new_travels_whole_and_the_printer_is_known_to_be_read(tmp_path: Path) -> None:
    cloud = Cloud()
    tray = [InputTray(index="1.1", current_level=100)]
    day = [at_hour(0), at_hour(1), at_hour(2), at_hour(3, life_count=1_010), at_hour(4, life_count=1_010)]
    day += [at_hour(5, life_count=1_010, inputs=tray), at_hour(6, life_count=1_010, inputs=tray)]

    told = hours(tmp_path, cloud, day)

    assert told == ["whole", "unchanged", "unchanged", "whole", "unchanged", "whole", "unchanged"]
    (state,) = cloud.documents.of_kind("STATE")
    assert (state["reading_id"], state["version"]) == ("r5", 3)
    assert heard_at_of(cloud.documents, [state]) == {state["printer_id"]: day[-1].taken_at.replace(microsecond=0)}


def test_a_cloud_that_never_heard_of_it_gets_whole_readings_only(tmp_path: Path) -> None:
    cloud = Cloud(lambda receipt: {name: value for name, value in receipt.items() if name != "unchanged_readings"})

    assert hours(tmp_path, cloud, [at_hour(number) for number in range(4)]) == ["whole"] * 4


def test_a_cloud_that_lost_what_it_had_asks_once_and_gets_a_whole_reading(tmp_path: Path) -> None:
    cloud = Cloud()

    def forgets(receipt: dict[str, Any]) -> dict[str, Any]:
        if cloud.now == MORNING + timedelta(hours=1):
            cloud.documents.items.clear()
        return receipt

    cloud._change = forgets

    assert hours(tmp_path, cloud, [at_hour(number) for number in range(5)]) == [
        "whole",
        "unchanged",
        "unchanged",
        "whole",
        "unchanged",
    ]
    assert len(cloud.documents.of_kind("STATE")) == 1


def test_each_site_local_day_has_a_whole_reading_of_a_printer_that_nobody_uses(tmp_path: Path) -> None:
    cloud = Cloud()

    told = hours(tmp_path, cloud, [at_hour(number) for number in range(60)])

    assert told.count("whole") <= 5
    assert len(cloud.documents.seen_days()) == 3
