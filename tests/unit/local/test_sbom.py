import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from edge.version import AGENT_VERSION
from local.sbom import FILE_NAME, LOCK, PROJECT, LockError, bill, components, main

WHEEL = b"the octets of a wheel"
DIGEST = "ab" * 32


def lock_text() -> str:
    return LOCK.read_text(encoding="utf-8")


def test_every_pin_of_the_lock_is_a_component_with_all_its_hashes_and_nothing_else_is() -> None:
    lock = lock_text()
    pinned = re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", lock, flags=re.MULTILINE)

    parts = components(lock)

    assert [(part["name"], part["version"]) for part in parts] == pinned
    assert sorted(each["content"] for part in parts for each in part["hashes"]) == sorted(
        re.findall(r"sha256:([0-9a-f]{64})", lock)
    )
    assert all(part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}" for part in parts)


def test_a_component_says_where_it_is_installed_when_not_everywhere() -> None:
    (part,) = components(f"colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:{DIGEST}\n")

    assert part["properties"] == [{"name": "platen:installed-where", "value": "sys_platform == 'win32'"}]


def test_the_agent_itself_has_the_digest_of_its_wheel_and_what_it_imports() -> None:
    made = bill(lock_text(), PROJECT.read_text(encoding="utf-8"), WHEEL)

    agent = made["metadata"]["component"]
    (dependencies,) = made["dependencies"]
    assert (agent["name"], agent["version"]) == ("platen-agent", AGENT_VERSION)
    assert agent["hashes"] == [{"alg": "SHA-256", "content": sha256(WHEEL).hexdigest()}]
    assert dependencies["ref"] == agent["bom-ref"]
    assert {ref.split("/")[1].split("@")[0] for ref in dependencies["dependsOn"]} >= {"httpx", "pysnmp", "pydantic"}


def test_every_reference_is_to_one_component() -> None:
    made = bill(lock_text(), PROJECT.read_text(encoding="utf-8"), WHEEL)
    refs = [part["bom-ref"] for part in made["components"]]

    assert len(refs) == len(set(refs))
    assert set(made["dependencies"][0]["dependsOn"]) <= set(refs)


def test_another_wheel_has_another_serial_number_and_the_same_one_the_same() -> None:
    project = PROJECT.read_text(encoding="utf-8")

    first, again, other = (bill(lock_text(), project, wheel) for wheel in (WHEEL, WHEEL, b"other"))

    assert first == again
    assert first["serialNumber"] != other["serialNumber"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first["serialNumber"])


@pytest.mark.parametrize(
    ("lock", "words"),
    [
        ("httpx==0.28.1\n", "without a hash: httpx"),
        ("-r other.txt\n", "neither a pin nor a hash"),
        (f"httpx==0.28.1 \\\n    --hash=sha256:{DIGEST}\n", "not pinned: pydantic"),
    ],
)
def test_a_lock_that_does_not_tell_everything_is_refused(lock: str, words: str) -> None:
    with pytest.raises(LockError, match=words):
        bill(lock, PROJECT.read_text(encoding="utf-8"), WHEEL)


def test_the_bill_is_written_beside_the_wheel(tmp_path: Path) -> None:
    (tmp_path / f"platen_agent-{AGENT_VERSION}-py3-none-any.whl").write_bytes(WHEEL)

    code = main([str(tmp_path)])

    assert code == 0
    assert json.loads((tmp_path / FILE_NAME).read_text())["bomFormat"] == "CycloneDX"


def test_without_a_wheel_there_is_no_bill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "make agent-wheel" in capsys.readouterr().err
    assert not (tmp_path / FILE_NAME).exists()
