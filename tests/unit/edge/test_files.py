import stat
from pathlib import Path

import pytest

from edge.files import StateFolderError, prepare_folder


def test_a_state_folder_that_everybody_may_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o1777)

    with pytest.raises(StateFolderError, match="chmod 0700"):
        prepare_folder(folder)


def test_a_state_folder_that_is_made_is_its_users_alone(tmp_path: Path) -> None:
    prepare_folder(tmp_path / "state")

    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
