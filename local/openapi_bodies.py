"""The bodies that routes read by themselves, as the OpenAPI documents show them."""

from typing import Any, Final

from functions.accounts.imports.file import MAX_FILE_BYTES, MAX_ROWS, TEMPLATE
from shared.names import CSV_MEDIA_TYPES
from shared.wire.reading import PrinterReading
from shared.wire.upload import GZIP_MEDIA_TYPE, Upload

SCHEMAS: Final = "#/components/schemas/"

Document = dict[str, Any]


def contact_file_body() -> Document:
    """The file of `POST /v1/contact-imports`."""
    return {
        "required": True,
        "description": (
            "CSV in UTF-8 (CTC-01): the template's header, "
            f"at most {MAX_ROWS} contacts and {MAX_FILE_BYTES // 1024} KiB."
        ),
        "content": {media: {"schema": {"type": "string"}, "example": TEMPLATE} for media in CSV_MEDIA_TYPES},
    }


def upload_body(schemas: Document) -> Document:
    """The batch of `POST /v1/uploads`, packed or not; its models are put among ``schemas``."""
    for model in (Upload, PrinterReading):
        schema = model.model_json_schema(ref_template=SCHEMAS + "{model}")
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    schemas["Upload"]["properties"]["readings"]["items"] = {"$ref": f"{SCHEMAS}PrinterReading"}
    return {
        "required": True,
        "description": (
            f"JSON, at most 1 MiB unpacked; packed as `Content-Type: {GZIP_MEDIA_TYPE}`, which no proxy unpacks on the "
            "way, or with `Content-Encoding: gzip`."
        ),
        "content": {
            "application/json": {"schema": {"$ref": f"{SCHEMAS}Upload"}, "example": _UPLOAD_EXAMPLE},
            GZIP_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
        },
    }


_UPLOAD_EXAMPLE: Final[Document] = {
    "schema_version": 1,
    "boot_id": "01JD2X7Q3M4N5P6R7S8T9V0W1X",
    "seq": 42,
    "sent_at": "2026-11-22T18:20:21Z",
    "agent_version": "0.1.0",
    "readings": [
        {
            "reading_id": "01JD2X7Q3M4N5P6R7S8T9V0W2A",
            "taken_at": "2026-11-22T18:20:11Z",
            "address": "192.0.2.7",
            "identity": {"manufacturer": "Example", "model": "Example Laser 500", "serial_number": "EX1234567"},
            "counters": [{"name": "life_count", "value": 120345, "unit": "impressions"}],
        }
    ],
}
