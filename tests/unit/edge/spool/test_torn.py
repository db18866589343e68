"""A bad disk: whatever octets of the spool's files are lost, the agent comes up with all that is still legible."""

import random
import shutil
import time
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from edge.spool.spool import Spool, SpoolLostError
from tests.support.edge_damage import OWNER, Past, a_past, all_of, must_survive, torn
from tests.support.edge_sending import a_reading, reported

IMAGES = 2_000 if settings.get_current_profile_name() == "nightly" else 100
LONGEST_SECONDS = 5.0


@pytest.fixture(scope="module")
def pasts(tmp_path_factory: pytest.TempPathFactory) -> list[Past]:
    """All in the log; half in the database; much settled; little."""
    folder = tmp_path_factory.mktemp("pasts")
    return [
        a_past(folder / "log", groups=6, of_each=20, settled_every=3),
        a_past(folder / "half", groups=20, of_each=20, settled_every=6, checkpoint_at=11),
        a_past(folder / "database", groups=16, of_each=30, settled_every=2, checkpoint_at=15),
        a_past(folder / "little", groups=1, of_each=3, settled_every=9),
    ]


@pytest.mark.parametrize("part", range(4))
def test_a_torn_spool_gives_back_every_reading_of_which_a_page_is_whole(
    tmp_path: Path, pasts: list[Past], part: int
) -> None:
    for image in range(IMAGES // 4):
        dice = random.Random(part * 1_000_000 + image)  # noqa: S311  nothing secret
        past = pasts[image % len(pasts)]
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
        past.copy_to(tmp_path)
        tears = torn(tmp_path, dice)

        began = time.thread_time()
        with structlog.testing.capture_logs(), Spool(tmp_path / "spool.db", owner=OWNER, max_bytes=64 << 20) as spool:
            offered = used(spool)
        seconds = time.thread_time() - began

        what = f"part {part}, image {image}: {tears}"
        true = past.waiting | past.settled
        assert {name: body for name, body in offered.items() if true.get(name) != body} == {}, f"altered: {what}"
        assert must_survive(past, tears) - offered.keys() == set(), f"lost: {what}"
        assert seconds < LONGEST_SECONDS, what


def used(spool: Spool) -> dict[str, str]:
    """All that the spool offers, and proof that it takes and offers a new reading."""
    for _ in range(3):  # damage may show only in use; then the spool is begun anew and asked again
        try:
            offered = all_of(spool)
            spool.record([reported(a_reading("new"))])
            assert all_of(spool).keys() == {"new"}
            spool.status()
        except SpoolLostError:
            continue
        return offered
    raise AssertionError("the spool does not come to rest")
