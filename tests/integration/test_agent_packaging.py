"""The systemd unit as systemd itself reads it: without a complaint, and as hardened as the security page says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "edge" / "packaging" / "platen-agent.service"
ANALYZE = shutil.which("systemd-analyze")
OLDEST = 250  # the first that rates a file offline

pytestmark = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


def analyzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(ANALYZE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a program that is there."""
    program = shutil.which("true")
    copied = tmp_path / UNIT.name
    copied.write_text(UNIT.read_text().replace("/opt/platen-agent/bin/platen-agent", f"{program}"))
    return copied


def test_systemd_finds_no_fault_in_the_unit(unit: Path) -> None:
    verified = analyzed("verify", str(unit))

    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


def test_systemd_rates_the_unit_as_well_hardened(unit: Path) -> None:
    version = re.search(r"systemd (\d+)", analyzed("--version").stdout)
    if version is None or int(version[1]) < OLDEST:
        pytest.skip(f"systemd {OLDEST} or newer rates files")

    rated = analyzed("security", "--offline=true", str(unit))

    exposure = re.search(r"exposure level for \S+: ([\d.]+)", rated.stdout)
    assert exposure is not None, rated.stderr
    assert float(exposure[1]) <= 1.5
