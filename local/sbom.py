"""Writes the agent's bill of materials beside its wheel: ``python -m local.sbom dist`` (CycloneDX 1.5 JSON).

Its parts are the pins of ``requirements/agent.txt``, which is what a customer installs with ``--require-hashes``. The
same wheel and lock give the same file: it carries no time.
"""

import argparse
import json
import re
import sys
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from edge.version import AGENT_VERSION

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = ROOT / "requirements" / "agent.txt"
PROJECT: Final = ROOT / "edge" / "pyproject.toml"
FILE_NAME: Final = "platen-agent.cdx.json"
MISUSED: Final = 2
_PIN: Final = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAME: Final = re.compile(r"^[A-Za-z0-9._-]+")


class LockError(ValueError):
    """A line of the lock file is neither a pin nor a hash; the message shows it."""


def components(lock: str) -> list[dict[str, Any]]:
    """The pins of a lock file as components, each with the digests of all its published files.

    Raises:
        LockError: a line cannot be read, or a pin has no hash.
    """
    parts: list[dict[str, Any]] = []
    for line in lock.splitlines():
        digest, pin = _HASH.search(line), _PIN.match(line)
        if pin is not None:
            parts.append(_component(pin["name"], pin["version"], pin["marker"]))
        elif digest is not None and parts:
            parts[-1]["hashes"].append({"alg": "SHA-256", "content": digest[1]})
        elif line.strip():
            raise LockError(f"neither a pin nor a hash: {line!r}")
    unhashed = [part["name"] for part in parts if not part["hashes"]]
    if unhashed:
        raise LockError(f"without a hash: {', '.join(unhashed)}")
    return parts


def bill(lock: str, project: str, wheel: bytes) -> dict[str, Any]:
    """The bill of materials of a wheel.

    Args:
        lock: the text of the lock file.
        project: the text of the agent's pyproject.toml, which names what the agent itself imports.
        wheel: the wheel's octets.

    Raises:
        LockError: the lock cannot be read, or lacks something that the agent imports.
    """
    parts = components(lock)
    refs = {part["name"]: part["bom-ref"] for part in parts}
    imported = [_normal(_NAME.findall(line)[0]) for line in tomllib.loads(project)["project"]["dependencies"]]
    unpinned = [name for name in imported if name not in refs]
    if unpinned:
        raise LockError(f"not pinned: {', '.join(unpinned)}")
    agent = {
        "type": "application",
        "bom-ref": f"platen-agent@{AGENT_VERSION}",
        "name": "platen-agent",
        "version": AGENT_VERSION,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "hashes": [{"alg": "SHA-256", "content": sha256(wheel).hexdigest()}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, sha256(lock.encode() + wheel).hexdigest())}",
        "version": 1,
        "metadata": {"component": agent},
        "components": parts,
        "dependencies": [{"ref": agent["bom-ref"], "dependsOn": sorted(refs[name] for name in imported)}],
    }


def write(folder: Path) -> Path:
    """Write the bill beside the wheel of this version. Safe to repeat: the same wheel gives the same file.

    Raises:
        FileNotFoundError: the wheel is not there.
        LockError: the lock cannot be read.
    """
    wheel = next(folder.glob(f"platen_agent-{AGENT_VERSION}-*.whl"), None)
    if wheel is None:
        raise FileNotFoundError(f"{folder} holds no platen_agent-{AGENT_VERSION}-*.whl: run 'make agent-wheel'")
    made = bill(LOCK.read_text(encoding="utf-8"), PROJECT.read_text(encoding="utf-8"), wheel.read_bytes())
    file = folder / FILE_NAME
    file.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    return file


def main(arguments: list[str] | None = None) -> int:
    """0 when the bill was written, 2 when there is nothing to write it of."""
    parser = argparse.ArgumentParser(prog="python -m local.sbom", description="Write the agent's bill of materials.")
    parser.add_argument("folder", type=Path, help="where the wheel is")
    try:
        sys.stdout.write(f"{write(parser.parse_args(arguments).folder)}\n")
    except (FileNotFoundError, LockError) as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    return 0


def _component(name: str, version: str, marker: str | None) -> dict[str, Any]:
    purl = f"pkg:pypi/{_normal(name)}@{version}"
    part: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": _normal(name),
        "version": version,
        "purl": purl,
        "hashes": [],
    }
    if marker:
        part["properties"] = [{"name": "platen:installed-where", "value": marker}]
    return part


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
