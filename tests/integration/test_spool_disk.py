"""The spool on disks that are full, limited or read-only, each in a process of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHILD = [sys.executable, "-m", "tests.support.edge_disk_child"]


def can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(probe, check=False, capture_output=True, timeout=20).returncode == 0


def told(command: list[str]) -> list[str]:
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


SURVIVED = [
    "refused",
    "comes up",
    "all kept are there",
    "recorder kept what waited, counted what it lost",
]


def test_where_no_file_may_grow_readings_are_refused_and_kept_once_it_may(tmp_path: Path) -> None:
    assert told([*CHILD, "limited", str(tmp_path)]) == SURVIVED


@pytest.mark.skipif(not can_mount(), reason="needs a user namespace to mount a small disk in")
@pytest.mark.parametrize(
    ("disk", "expected"),
    [
        ("full", SURVIVED),
        (
            "read-only",
            ["give the agent's user write permission on its folder", "all kept are there"],
        ),
    ],
)
def test_a_full_and_a_read_only_disk_stop_nothing_for_good(tmp_path: Path, disk: str, expected: list[str]) -> None:
    script = 'mount -t tmpfs -o size=3m none "$1" && shift && exec "$@"'
    shell = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(tmp_path)]

    assert told([*shell, *CHILD, disk, str(tmp_path)]) == expected
