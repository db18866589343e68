"""The shape of the tree: import contracts, room sizes, what is shared, what the repository must not name."""

import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
CONTEXTS = ("ingest", "accounts", "eligibility", "orders", "tickets", "webhooks")
SOURCES = ("infra", "functions", "shared", "edge", "local", "bench")
LONGEST_ROOM = 300
MOST_ROOMS_OF_A_PACKAGE = 16
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "processor", "data", "info"}


def rooms() -> list[Path]:
    return [path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py")) if "build" not in path.parts]


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git of the developer
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_room_is_longer_than_three_hundred_lines() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in [*rooms(), *sorted((ROOT / "tests").rglob("*.py"))]
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_ROOM} == {}


def test_no_package_of_the_functions_has_more_rooms_than_one_finds_a_way_in() -> None:
    sizes = {
        str(marker.parent.relative_to(ROOT)): len(list(marker.parent.glob("*.py"))) - 1
        for marker in sorted((ROOT / "functions").rglob("__init__.py"))
    }

    assert len(sizes) > len(CONTEXTS)
    assert {name: size for name, size in sizes.items() if size > MOST_ROOMS_OF_A_PACKAGE} == {}


def test_nothing_reads_a_whole_table() -> None:
    """A Scan costs what the table holds; a request costs what it answers."""
    asked = re.compile(r"\.scan\(|[\"']scan[\"']|execute_statement|PartiQL|dynamodb:Scan")
    served = [path for path in rooms() if path.relative_to(ROOT).parts[0] in {"functions", "shared", "infra"}]

    assert len(served) > 100
    assert [str(path.relative_to(ROOT)) for path in served if asked.search(path.read_text())] == []


def test_no_room_has_a_name_that_says_nothing() -> None:
    assert [path for path in rooms() if path.stem in VAGUE_NAMES] == []


def test_every_room_says_what_belongs_in_it() -> None:
    silent = [str(path.relative_to(ROOT)) for path in rooms() if not path.read_text().lstrip().startswith('"""')]
    assert silent == []


def test_what_is_shared_has_two_users() -> None:
    graph = grimp.build_graph(*SOURCES)
    lonely = {}
    for module in sorted(graph.find_descendants("shared")):
        if (ROOT / Path(*module.split("."))).is_dir():
            continue
        users = _users(graph, module)
        if len(users) < 2:
            lonely[module] = users
    assert lonely == {}


def _users(graph: grimp.ImportGraph, module: str) -> set[str]:
    downstream = graph.find_downstream_modules(module)
    return {_user_of(name) for name in downstream if not name.startswith("shared")}


def _user_of(module: str) -> str:
    return ".".join(module.split(".")[:2]) if module.startswith("functions.") else module.split(".", maxsplit=1)[0]


def test_ingest_accounts_and_the_others_are_all_there() -> None:
    assert [name for name in CONTEXTS if not (ROOT / "functions" / name / "__init__.py").is_file()] == []


@pytest.mark.parametrize("pattern", [r"\b(TODO|FIXME|XXX)\b", r"\bNotImplementedError\b"])
def test_nothing_is_left_for_later(pattern: str) -> None:
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in rooms()
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(pattern, line)
    ]
    assert left == []


def test_lock_files_carry_hashes_and_no_index_address() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert {path.stem for path in locks} == {"agent", "dev", "generator", "lambda", "runtime"}
    for path in locks:
        text = path.read_text()
        pins = re.findall(r"^[a-zA-Z0-9_.\[\]-]+==", text, flags=re.MULTILINE)
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)
        assert not re.search(r"https?://|--index-url|--find-links", text)


def test_no_file_names_a_path_of_a_machine_or_a_registry_host() -> None:
    # Put together here, so that this room does not name what it forbids.
    hosts = [r"\bpypi" + r"\.org", "python" + "hosted", "registry" + r"\.npmjs"]
    homes = ["/(?:ro" + "ot|home/[a-z]+)/", "/wo" + "rk/"]
    forbidden = re.compile("|".join([*hosts, *homes]))
    named = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.suffix in {".py", ".md", ".toml", ".txt", ".in", ".json", ".yml", ".cfg", ""}
        and forbidden.search(path.read_text(errors="replace"))
    ]
    assert named == []
