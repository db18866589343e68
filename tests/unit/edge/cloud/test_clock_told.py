import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from edge.cloud.uploader import Attempt, Uploader
from edge.spool.spool import Spool
from tests.support.edge_sending import FakeCloud, a_mint, a_reading, a_spool, reported


@pytest.mark.parametrize(("behind", "told"), [(4_000, -4_000), (-4_000, 4_000), (300, None), (0, None)])
def test_a_clock_that_is_corrected_for_is_told_when_it_is_far_off(
    tmp_path: Path, behind: int, told: int | None
) -> None:
    cloud = FakeCloud()

    async def once(spool: Spool) -> Attempt:
        mint = a_mint(tmp_path)
        mint.clock.offset, mint.clock.is_known = timedelta(seconds=behind), True
        async with cloud.client(tmp_path, mint.clock) as client:
            return await Uploader(spool, client, mint).attempt()

    with a_spool(tmp_path) as spool:
        spool.record([reported(a_reading("a"))])
        asyncio.run(once(spool))

    assert cloud.uploads[0].clock_ahead_seconds == told
