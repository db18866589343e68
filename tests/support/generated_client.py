"""A client of the partner API, made from its document by a generator that knows nothing of us."""

import importlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Self

from local.openapi import FOLDER, PARTNER

ROOT: Final = Path(__file__).parents[2]
GENERATOR: Final = ROOT / "build" / "generator"
PACKAGE: Final = "platen_partner_client"
_SECONDS: Final = 120


def generate(folder: Path) -> str:
    """Write the client's package into ``folder``; what the generator had to say."""
    assert GENERATOR.is_dir(), "the generator is not there: make build/generator/.complete"
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(FOLDER / PARTNER.file_name), "--output-path", str(folder / PACKAGE)),
        ],
        env={
            "PYTHONPATH": str(GENERATOR),
            "PATH": f"{GENERATOR / 'bin'}{os.pathsep}{os.defpath}",
            "NO_COLOR": "1",
            "HOME": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return made.stdout + made.stderr


@dataclass(frozen=True, slots=True)
class GeneratedClient:
    """The client with a key. It raises for a status that the document does not name and an answer unlike its model."""

    client: Any
    models: ModuleType

    @classmethod
    def to(cls, base_url: str, ca_file: str, api_key: str) -> Self:
        """The imported package, which must be on the path, talking to a stack."""
        package = importlib.import_module(PACKAGE)
        client = package.AuthenticatedClient(
            base_url=base_url,
            token=api_key,
            prefix="",
            auth_header_name="x-api-key",
            verify_ssl=ca_file,
            raise_on_unexpected_status=True,
            timeout=package.client.httpx.Timeout(30),
        )
        return cls(client, importlib.import_module(f"{PACKAGE}.models"))

    def call(self, tag: str, operation: str, *ids: str, **arguments: Any) -> Any:  # noqa: ANN401 - any model
        """What an operation answers, as its model; ``body`` may be plain JSON, which becomes the model asked for."""
        return self.answer(tag, operation, *ids, **arguments).parsed

    def answer(self, tag: str, operation: str, *ids: str, **arguments: Any) -> Any:  # noqa: ANN401 - the client's Response
        """The same with status and headers."""
        function = self.operation(tag, operation).sync_detailed
        if isinstance(arguments.get("body"), dict):
            arguments["body"] = function.__annotations__["body"].from_dict(arguments["body"])
        return function(*ids, client=self.client, **arguments)

    @staticmethod
    def operation(tag: str, operation: str) -> ModuleType:
        """The module of an operation."""
        return importlib.import_module(f"{PACKAGE}.api.{tag}.{operation}")
