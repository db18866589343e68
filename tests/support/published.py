"""The published partner API, from which tests make their cases: a new operation is tested from its first day."""

import json
from pathlib import Path
from typing import Any, Final

PARTNER_API: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "docs" / "openapi" / "partner.json").read_text("utf-8")
)
OPERATIONS: Final = [(method, path) for path, methods in PARTNER_API["paths"].items() for method in methods]


def body_schema(method: str, path: str) -> dict[str, Any]:
    """The schema of an operation's body, empty without one."""
    content = PARTNER_API["paths"][path][method].get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = content.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    return PARTNER_API["components"]["schemas"][name] if name else schema
