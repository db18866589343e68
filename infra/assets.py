"""What goes into the functions: the source of their context, and one layer with the dependencies."""

import compileall
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Final

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_

from infra.settings import HOST_PYTHON, StageSettings

REPOSITORY: Final = Path(__file__).resolve().parent.parent
REQUIREMENTS: Final = REPOSITORY / "requirements" / "lambda.txt"
BUILT: Final = REPOSITORY / "build"
STATE_MACHINES: Final = REPOSITORY / "infra" / "state_machines"

_PIP_SECONDS: Final = 600
# Lambda's Python 3.14 stands on glibc 2.34: wheels built against 2.17 or 2.28 run there.
_MANYLINUX: Final = ("manylinux2014", "manylinux_2_28")
_WHEEL_ARCHITECTURE: Final = {"arm64": "aarch64", "x86_64": "x86_64"}


class AssetError(RuntimeError):
    """Something that the template needs could not be made or found; the message says what to do."""


def source(context: str, settings: StageSettings) -> Path:
    """Folder with what the functions of a context share: its own folder and ``shared``, at their paths in the tree."""
    packages = [REPOSITORY / "functions" / context, REPOSITORY / "shared"]
    files = [REPOSITORY / "functions" / "__init__.py", *(path for package in packages for path in _files(package))]
    key = _digest(settings.python, *(part for path in files for part in (_place(path), path.read_bytes())))

    def copy(folder: Path) -> None:
        for path in files:
            target = folder / _place(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        _compile(folder, settings, at="/var/task")

    return _built(BUILT / "sources" / f"{context}-{key}", copy)


def dependency_layer(settings: StageSettings) -> Path:
    """Folder with the locked dependencies for the stage's runtime; installed once for each lock file and platform."""
    is_local = settings.stage == "local"
    platform_options = [] if is_local else _platform_options(settings)
    key = _digest(REQUIREMENTS.read_bytes(), settings.python, settings.architecture, sys.platform, *platform_options)

    def install(folder: Path) -> None:
        _pip_install(folder / "python", platform_options)
        _compile(folder, settings, at="/opt")

    return _built(BUILT / "layers" / key, install)


def code_of(folder: Path) -> lambda_.Code:
    """The folder as an asset named like it, so that what is unchanged is not deployed again."""
    return lambda_.Code.from_asset(str(folder), asset_hash_type=AssetHashType.CUSTOM, asset_hash=folder.name)


def state_machine_text(name: str) -> str:
    """The ASL of a state machine, with its ``${...}`` substitutions; `AssetError` when there is no such file."""
    path = STATE_MACHINES / f"{name}.asl.json"
    if not path.is_file():
        raise AssetError(f"{_place(path)} is missing: the stack cannot be synthesized without it.")
    return path.read_text(encoding="utf-8")


def _platform_options(settings: StageSettings) -> list[str]:
    architecture = _WHEEL_ARCHITECTURE[settings.architecture]
    platforms = [option for name in _MANYLINUX for option in ("--platform", f"{name}_{architecture}")]
    return ["--only-binary=:all:", "--implementation", "cp", "--python-version", settings.python, *platforms]


def _pip_install(target: Path, options: list[str]) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    command += ["--require-hashes", "--requirement", str(REQUIREMENTS), "--target", str(target), *options]
    try:
        subprocess.run(command, check=True, timeout=_PIP_SECONDS, capture_output=True, text=True)  # noqa: S603 - fixed
    except subprocess.CalledProcessError as error:
        raise AssetError(f"The dependency layer could not be installed:\n{error.stderr}") from error
    except subprocess.TimeoutExpired as error:
        raise AssetError(f"The dependency layer was not installed in {_PIP_SECONDS} s; is the network up?") from error
    shutil.rmtree(target / "bin", ignore_errors=True)


def _compile(folder: Path, settings: StageSettings, *, at: str) -> None:
    """Write bytecode, because Lambda's folders are read-only; only the same minor version can.

    It is never checked against the source, so that the archive's file times do not matter.
    """
    if settings.python == HOST_PYTHON:
        mode = PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(folder, quiet=2, stripdir=str(folder), prependdir=at, invalidation_mode=mode)


def _built(folder: Path, build: Callable[[Path], None]) -> Path:
    """The folder, built if it is not there; renamed into place when whole, so two builders do not meet."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as scratch:
            build(Path(scratch, "asset"))
            try:
                Path(scratch, "asset").rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise
    return folder


def _files(package: Path) -> list[Path]:
    return sorted(
        path
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    )


def _place(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:32]
