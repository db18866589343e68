"""The agent's distribution: what a customer's IT department installs, and nothing of the server."""

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), "edge"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("platen_agent-*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_the_agent_and_the_wire_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    packages = {"/".join(name.split("/")[:2]) for name in wheel.namelist() if ".dist-info/" not in name}

    strangers = {name for name in packages if not name.startswith("edge/")} - {"shared/wire", "shared/__init__.py"}

    assert strangers == set()
    assert "edge/cli/main.py" in wheel.namelist()
    assert "shared/wire/reading.py" in wheel.namelist()
    assert [name for name in wheel.namelist() if name.startswith("edge/profiles/makers/") and name.endswith(".yaml")]
    assert [name for name in wheel.namelist() if "test" in name or name.endswith((".snmprec", ".pyc"))] == []


def test_the_wheel_needs_nothing_of_aws(wheel: zipfile.ZipFile) -> None:
    (metadata_file,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = Parser().parsestr(wheel.read(metadata_file).decode())

    needed = {Requirement(line).name.lower() for line in metadata.get_all("Requires-Dist", [])}

    assert needed == {
        "pydantic",
        "httpx",
        "certifi",
        "pysnmp",
        "pyjwt",
        "cryptography",
        "typer",
        "rich",
        "structlog",
        "platformdirs",
        "pyyaml",
        "pyipp",
    }


def test_every_dependency_of_the_wheel_is_pinned_with_hashes(wheel: zipfile.ZipFile) -> None:
    (metadata_file,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = Parser().parsestr(wheel.read(metadata_file).decode())
    lock = (ROOT / "requirements" / "agent.txt").read_text().lower()

    for requirement in metadata.get_all("Requires-Dist", []):
        assert f"\n{Requirement(requirement).name.lower()}==" in "\n" + lock


def test_the_wheel_installs_the_command(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]

    assert "platen-agent = edge.cli.main:main" in wheel.read(entry_points).decode()
