"""Writes ``docs/data-dictionary.md``, what the agent asks for and what it sends: ``python -m local.dictionary``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from edge.profiles.object_names import object_name
from edge.reading.allow_list import Allowed, Extent, allow_list
from edge.snmp import oids
from edge.snmp.codec import Oid
from local.dictionary_sources import SOURCES, UNSENT
from local.openapi_examples import example_of
from local.openapi_samples import MOMENT, OF_MODEL
from shared.wire.activation import ActivationRequest, PublicJwk
from shared.wire.reading import PrinterReading
from shared.wire.rotation import KeyRotationRequest
from shared.wire.upload import Upload

FILE: Final = Path(__file__).parents[1] / "docs" / "data-dictionary.md"
DOCUMENTS: Final[tuple[tuple[str, type[BaseModel]], ...]] = (
    ("A reading: one printer read once", PrinterReading),
    ("The envelope of an upload: up to 500 readings", Upload),
    ("The activation: once, when the agent is installed", ActivationRequest),
    ("The exchange of the agent's key: every 90 days", KeyRotationRequest),
)
EXTENTS: Final = {
    Extent.COLUMN: "it and its rows",
    Extent.OBJECT: "this object",
    Extent.START: "its first row",
}
HEAD: Final = """# What does the agent ask for, and what does it send?

Made from the wire's schema and the agent's plan by `python -m local.dictionary`; a test holds it against both. The
schemas are `docs/schemas/upload.v1.json`, `printer-reading.v1.json`, `activation-request.v1.json` and
`key-rotation-request.v1.json`. A field that a printer does not tell is left out. Examples are made up.
"""
ASKED: Final = """## Every object that a printer is asked for

Nothing else is asked for, and only by GET, GETNEXT and GETBULK, never by SET. A maker's object is read directly or as
the successor of the name just before it. A printer may answer with rows beyond a table's end: they go into no reading
and onto no disk.
"""

Schema = dict[str, Any]


def fields() -> Iterator[tuple[str, str, Schema, Schema]]:
    """Title of the document, model, the model's schema, all schemas of the document; each model once."""
    seen: set[str] = set()
    for title, document in DOCUMENTS:
        schema = document.model_json_schema()
        models = {document.__name__: schema, **schema.get("$defs", {})}
        for name, model in models.items():
            if "properties" in model and name not in seen:
                seen.add(name)
                yield title, name, model, schema.get("$defs", {})


def text() -> str:
    """The whole document."""
    lines = [HEAD]
    shown = ""
    for title, name, model, models in fields():
        if title != shown:
            lines.append(f"## {title}\n")
            shown = title
        lines.append(f"### {name}\n\n| Field | What it is | From | Example |\n|---|---|---|---|")
        lines.extend(_row(name, field, schema, models) for field, schema in model["properties"].items())
        lines.append("")
    lines.append(f"{ASKED}\n| Object | What is asked | For |\n|---|---|---|")
    lines.extend(f"| {_named(entry.name)} | {EXTENTS[entry.extent]} | {_purpose(entry)} |" for entry in allow_list())
    return "\n".join(lines) + "\n"


def _named(oid: Oid) -> str:
    name = object_name(oid)
    return f"`{oids.dotted(oid)}`" + (f" {name}" if name else "")


def _row(model: str, field: str, schema: Schema, models: Schema) -> str:
    sources = SOURCES.get(f"{model}.{field}")
    if sources is None:
        return f"| `{field}` | {schema['description']} | {_parts(schema)} | |"
    told = ", ".join(source if isinstance(source, str) else object_name(source) or "" for source in sources)
    example = json.dumps(_example(model, field, schema, models), ensure_ascii=False)
    return f"| `{field}` | {schema['description']} | {told} | {'' if example == 'null' else f'`{example}`'} |"


def _example(model: str, field: str, schema: Schema, models: Schema) -> Any:  # noqa: ANN401 - any JSON
    if model == PublicJwk.__name__:
        return OF_MODEL["ActivationRequest.jwk"][field]
    return MOMENT if field == "raised_at" else example_of(schema, models, model, field)


def _parts(schema: Schema) -> str:
    """The models that a field holds."""
    held = sorted(set(_references(schema)))
    return "see " + (", ".join(held) or PrinterReading.__name__)


def _references(schema: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rsplit("/", 1)[-1]
        for part in schema.values():
            yield from _references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _references(part)


def _purpose(entry: Allowed) -> str:
    if entry.makers:
        return f"printers of {', '.join(entry.makers)}: {', '.join(entry.uses())}"
    told = [field for field, sources in SOURCES.items() if entry.name in sources]
    return ", ".join(f"`{field}`" for field in told) or UNSENT[entry.name]


def main() -> None:
    """Write the file. Safe to repeat: the same models give the same file."""
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
