"""From the bytes of an upload to its envelope: bounded in size, depth and time. Pure."""

import zlib
from typing import Final

from pydantic import ValidationError
from pydantic_core import from_json

from shared.errors import FieldError, Invalid, Malformed, TooLarge
from shared.fault_texts import fault_text
from shared.wire.base import MAX_UPLOAD_BYTES, SCHEMA_VERSION
from shared.wire.upload import Upload

READABLE_VERSIONS: Final = (SCHEMA_VERSION,)
_GZIP: Final = 16 + zlib.MAX_WBITS


def unpack(body: bytes, content_encoding: str | None) -> bytes:
    """The body without its content encoding (``gzip`` or ``identity``), never more than `MAX_UPLOAD_BYTES`.

    A small body that would unpack to more is refused after that many bytes, whatever it claims to be.

    Raises:
        TooLarge: More than `MAX_UPLOAD_BYTES`, packed or unpacked.
        Malformed: Damaged or cut gzip, or another encoding.
    """
    encoding = (content_encoding or "identity").strip().lower()
    if len(body) > MAX_UPLOAD_BYTES:
        raise _too_large()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        field = FieldError("header:Content-Encoding", "Send 'gzip' or leave the header out.")
        raise Malformed("unknown_encoding", f"The content encoding '{encoding[:32]}' is not supported.", (field,))
    decompressor = zlib.decompressobj(wbits=_GZIP)
    try:
        unpacked = decompressor.decompress(body, MAX_UPLOAD_BYTES + 1)
    except zlib.error as error:
        raise Malformed("damaged_gzip", "The body is not valid gzip; pack it again.") from error
    if len(unpacked) > MAX_UPLOAD_BYTES:
        raise _too_large()
    if not decompressor.eof or decompressor.unused_data:
        raise Malformed("damaged_gzip", "The body is cut short, or more than one gzip member; pack it again.")
    return unpacked


def parse_upload(content: bytes) -> Upload:
    """The envelope; its readings are still as they were sent.

    Raises:
        Malformed: Not JSON (nested too deeply counts as that).
        Invalid: Not this schema, or of a version that this cloud cannot read; ``errors`` names each field.
    """
    try:
        raw = from_json(content, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        raise Malformed("not_json", f"The body is not valid JSON: {error}.") from error
    if not isinstance(raw, dict):
        raise Invalid("invalid_upload", "The body must be a JSON object.", (FieldError("/", "Send an object."),))
    version = raw.get("schema_version", SCHEMA_VERSION)
    if version not in READABLE_VERSIONS:
        readable = ", ".join(str(each) for each in READABLE_VERSIONS)
        field = FieldError("/schema_version", f"Readable: {readable}.")
        raise Invalid("unknown_schema_version", f"This cloud reads the schema versions {readable}.", (field,))
    try:
        return Upload.model_validate(raw)
    except ValidationError as error:
        fields = tuple(
            FieldError("/" + "/".join(str(part) for part in each["loc"]), fault_text(each))
            for each in error.errors()[:20]
        )
        raise Invalid("invalid_upload", "The upload does not fit its schema; see 'errors'.", fields) from error


def _too_large() -> TooLarge:
    return TooLarge("upload_too_large", f"At most {MAX_UPLOAD_BYTES} bytes unpacked; send fewer readings at once.")
