import sys
from pathlib import Path

import pytest

from local import preflight


def node_saying(folder: Path, line: str) -> str:
    program = folder / "node"
    program.write_text(f"#!{sys.executable}\nprint({line!r})\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def test_an_old_python_is_refused_with_both_versions() -> None:
    preflight.check_python((3, 11))

    with pytest.raises(preflight.PreflightError, match=r"3\.11 or newer is needed, this is 3\.9"):
        preflight.check_python((3, 9))


def test_a_missing_node_is_refused() -> None:
    with pytest.raises(preflight.PreflightError, match="node is missing"):
        preflight.check_node("no-such-program-anywhere")


def test_an_old_node_is_refused_with_its_version(tmp_path: Path) -> None:
    preflight.check_node(node_saying(tmp_path, "v20.20.2"))

    with pytest.raises(preflight.PreflightError, match=r"node 20 or newer .* is v18\.19\.0"):
        preflight.check_node(node_saying(tmp_path, "v18.19.0"))


def test_a_node_that_names_no_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(preflight.PreflightError, match="gave no version"):
        preflight.check_node(node_saying(tmp_path, "hello"))


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(preflight.PreflightError, match="cannot be written"):
        preflight.check_writable(tmp_path / "file" / ".local")


def test_a_writable_folder_is_left_empty(tmp_path: Path) -> None:
    preflight.check_writable(tmp_path / ".local")

    assert list((tmp_path / ".local").iterdir()) == []


def test_the_first_problem_is_printed_and_the_exit_code_is_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = node_saying(tmp_path, "v22.1.0")
    arguments = ["--node", node, "--state-dir", str(tmp_path / ".local")]

    assert preflight.main(arguments) == 0
    assert preflight.main([*arguments, "--assembly", str(tmp_path)]) == 2
    assert "make synth-local" in capsys.readouterr().err
