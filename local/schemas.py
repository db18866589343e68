"""Writes the JSON Schemas of wire, bus events and printer profiles to ``docs/schemas``: ``python -m local.schemas``."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from edge.profiles.schema import Profile
from local import event_pages
from shared.event_data import MODELS, event_model, schema_name
from shared.events import BusEvent
from shared.wire.activation import ActivationGrant, ActivationRequest, AgentConfig
from shared.wire.reading import PrinterReading
from shared.wire.rotation import KeyRotationGrant, KeyRotationRequest
from shared.wire.upload import UnchangedReading, Upload, UploadReceipt

FOLDER: Final = Path(__file__).parents[1] / "docs" / "schemas"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

PUBLISHED: Final[dict[str, tuple[type[BaseModel], JsonSchemaMode]]] = {
    "activation-request.v1": (ActivationRequest, "validation"),
    "activation-grant.v1": (ActivationGrant, "validation"),
    "key-rotation-request.v1": (KeyRotationRequest, "validation"),
    "key-rotation-grant.v1": (KeyRotationGrant, "validation"),
    "agent-config.v1": (AgentConfig, "validation"),
    "upload.v1": (Upload, "validation"),
    "upload-receipt.v1": (UploadReceipt, "validation"),
    "printer-reading.v1": (PrinterReading, "validation"),
    "unchanged-reading.v1": (UnchangedReading, "validation"),
    "bus-event.v1": (BusEvent, "validation"),
    "printer-profile.v1": (Profile, "validation"),
    **{schema_name(name): (event_model(name), "validation") for name in MODELS},
}
"""What a reader of each document must accept, by file name."""


def schema_of(model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, Any]:
    """The JSON Schema of a model, with its dialect."""
    return {"$schema": DIALECT, **model.model_json_schema(mode=mode)}


def files() -> dict[Path, str]:
    """Every generated file and what belongs in it."""
    return {
        FOLDER / f"{name}.json": json.dumps(schema_of(model, mode), indent=2, ensure_ascii=False) + "\n"
        for name, (model, mode) in PUBLISHED.items()
    }


def main() -> None:
    """Write the files. Safe to repeat: the same models give the same files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in (files() | event_pages.files()).items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
