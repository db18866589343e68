"""Assets: built once, whole or not at all, for the platform of the stage."""

from pathlib import Path

import pytest

from infra import assets
from infra.settings import settings_of


def test_a_folder_is_built_once(tmp_path: Path) -> None:
    builds = []

    def build(folder: Path) -> None:
        builds.append(folder)
        folder.mkdir()
        (folder / "module.py").write_text("x = 1\n")

    first = assets._built(tmp_path / "layer", build)
    second = assets._built(tmp_path / "layer", build)

    assert first == second == tmp_path / "layer"
    assert len(builds) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["layer"]


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def build(folder: Path) -> None:
        folder.mkdir()
        raise assets.AssetError("no network")

    with pytest.raises(assets.AssetError, match="no network"):
        assets._built(tmp_path / "layer", build)

    assert list(tmp_path.iterdir()) == []


def test_of_two_builders_the_second_takes_what_the_first_built(tmp_path: Path) -> None:
    def build(folder: Path) -> None:
        folder.mkdir()
        (folder / "mine.py").touch()
        (tmp_path / "layer").mkdir()  # the other one was faster
        (tmp_path / "layer" / "theirs.py").touch()

    built = assets._built(tmp_path / "layer", build)

    assert [path.name for path in built.iterdir()] == ["theirs.py"]


def test_production_wheels_are_for_arm_and_its_python_and_never_built_from_source() -> None:
    options = assets._platform_options(settings_of("prod"))

    assert "--only-binary=:all:" in options
    assert options[options.index("--python-version") + 1] == "3.14"
    assert [each for each in options if each.startswith("manylinux")] == [
        "manylinux2014_aarch64",
        "manylinux_2_28_aarch64",
    ]


def test_a_layer_that_cannot_be_installed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = tmp_path / "lambda.txt"
    requirements.write_text("this is === no requirement\n")
    monkeypatch.setattr(assets, "REQUIREMENTS", requirements)

    with pytest.raises(assets.AssetError, match="Invalid requirement"):
        assets._pip_install(tmp_path / "python", [])


def test_the_key_of_an_asset_depends_on_where_one_part_ends() -> None:
    assert assets._digest("ab", "c") != assets._digest("a", "bc")
    assert assets._digest("ab", "c") == assets._digest("ab", b"c")
