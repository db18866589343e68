"""How long a cold start imports: the synthesized assets in fresh processes, with the bytecode that is deployed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.row import Row, at_most, left_out

PROCESSES: Final = 7
HANDLER: Final = "functions.ingest.upload_api"
ASSEMBLY: Final = Path("build") / "local" / "cdk.out"
RUNTIME: Final = Path("build") / "runtime"
_TARGET: Final = "cold import with compiled layer"
_SECONDS: Final = 20
_KILO: Final = 1_000
_IMPORT: Final = f"""
import time
began = time.process_time()
import {HANDLER}
imported = time.process_time()
from functions.ingest import settings
settings.documents()
print(imported - began, time.process_time() - imported)
"""
_ENVIRONMENT: Final = {
    "FLEET_TABLE": "fleet",
    "ACCOUNTS_TABLE": "accounts",
    "POWERTOOLS_SERVICE_NAME": "ingest",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "LAMBDA_TASK_ROOT": "/var/task",  # Lambda sets it; the tracing library is another one without
    "PYTHONDONTWRITEBYTECODE": "1",
}


def cold_import_rows() -> list[Row]:
    """The upload function's import, and the client that its first request makes."""
    found = _asset_folders()
    if found is None:
        return [left_out(_TARGET, "≤ 350 ms", f"{ASSEMBLY} is not there; run `make synth-local`")]
    source, layer = found
    path = os.pathsep.join(str(folder.resolve()) for folder in (source, layer / "python", RUNTIME))
    runs = [_measured(path) for _ in range(1 + PROCESSES)][1:]
    note = f"CPU, median of {PROCESSES} fresh processes; a function of 512 MB has 0.29 of a core for it"
    return [
        at_most(_TARGET, median(run[0] for run in runs) * _KILO, "ms", 350, note),
        Row("its first client", median(run[1] for run in runs) * _KILO, "ms", note="made by the first request"),
    ]


def _measured(path: str) -> tuple[float, float]:
    # Without site and the present folder: nothing but the assets and the runtime's own packages is on the path.
    command = [sys.executable, "-P", "-S", "-s", "-c", _IMPORT]
    environment = _ENVIRONMENT | {"PYTHONPATH": path}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=_SECONDS)  # noqa: S603 - fixed
    imported, client = ended.stdout.split()[-2:]
    return float(imported), float(client)


def _asset_folders() -> tuple[Path, Path] | None:
    """The upload function's source and its layer, as the template for this host names them."""
    templates = sorted(ASSEMBLY.glob("*.template.json"))
    if not templates:
        return None
    resources: dict[str, Any] = json.loads(templates[0].read_text("utf-8"))["Resources"]
    function = next(
        each["Properties"]
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::Function" and str(each["Properties"]["Handler"]).startswith(HANDLER)
    )
    layer = resources[function["Layers"][0]["Ref"]]["Properties"]
    return _asset(function["Code"]["S3Key"]), _asset(layer["Content"]["S3Key"])


def _asset(key: str) -> Path:
    return ASSEMBLY / f"asset.{key.removesuffix('.zip')}"
