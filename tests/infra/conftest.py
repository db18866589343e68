"""Templates of the stages, each synthesized at most once a run."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from infra.app import build
from tests.support.templates import Synthesized

Synthesize = Callable[[str], Synthesized]


@pytest.fixture(scope="session")
def empty_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in the layer is not the template's matter, and installing it needs the network."""
    layer = tmp_path_factory.mktemp("layer")
    (layer / "python").mkdir()
    (layer / "python" / "empty.py").touch()
    return layer


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory, empty_layer: Path) -> Synthesize:
    """The real app, but for the layer."""

    @cache
    def synthesize(stage: str) -> Synthesized:
        folder: Path = tmp_path_factory.mktemp("assembly") / stage
        app, _ = build(stage, outdir=folder, layer=empty_layer)
        app.synth()
        return Synthesized.read(folder)

    return synthesize


@pytest.fixture(scope="session")
def prod(synthesized: Synthesize) -> Synthesized:
    return synthesized("prod")


@pytest.fixture(scope="session")
def dev(synthesized: Synthesize) -> Synthesized:
    return synthesized("dev")


@pytest.fixture(scope="session")
def local(synthesized: Synthesize) -> Synthesized:
    return synthesized("local")
