"""Bytes to an envelope: bounded and clear about what is wrong."""

import gzip
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.uploads.unpack import parse_upload, unpack
from shared.errors import Invalid, Malformed, PlatenError, TooLarge
from shared.wire.base import MAX_UPLOAD_BYTES
from tests.support.ingest import packed, reading, upload_body


def test_gzip_and_plain_give_the_same_bytes() -> None:
    plain = json.dumps(upload_body(reading())).encode()

    assert unpack(gzip.compress(plain, mtime=0), "gzip") == unpack(plain, None) == unpack(plain, "Identity") == plain


def test_exactly_the_limit_is_accepted_and_one_byte_more_is_not() -> None:
    limit = b" " * MAX_UPLOAD_BYTES

    assert unpack(gzip.compress(limit, mtime=0), "gzip") == limit
    with pytest.raises(TooLarge):
        unpack(gzip.compress(limit + b" ", mtime=0), "gzip")
    with pytest.raises(TooLarge):
        unpack(limit + b" ", None)


def test_a_bomb_is_refused_without_being_unpacked() -> None:
    bomb = gzip.compress(b"\0" * (200 * 1024 * 1024), 9)
    tracemalloc.start()

    with pytest.raises(TooLarge):
        unpack(bomb, "gzip")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize(
    "damage", [b"", b"not gzip", gzip.compress(b"{}", mtime=0)[:-4], gzip.compress(b"{}", mtime=0) + b"x"]
)
def test_damaged_gzip_is_named(damage: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        unpack(damage, "gzip")
    assert refused.value.code == "damaged_gzip"


def test_another_encoding_is_refused_by_name() -> None:
    with pytest.raises(Malformed) as refused:
        unpack(b"{}", "br")
    assert refused.value.errors[0].pointer == "header:Content-Encoding"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"a":' * 5_000, b'{"a": "\\ud800"}']
)
def test_what_is_not_json_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        parse_upload(content)
    assert refused.value.code == "not_json"


def test_an_unknown_version_says_which_are_readable() -> None:
    with pytest.raises(Invalid) as refused:
        parse_upload(json.dumps(upload_body(reading()) | {"schema_version": 99}).encode())
    assert refused.value.code == "unknown_schema_version"
    assert refused.value.errors[0].detail == "Readable: 1."


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"seq": -1}, "/seq"),
        ({"boot_id": "a b"}, "/boot_id"),
        ({"sent_at": "2026-11-22T18:20:21"}, "/sent_at"),
        ({"readings": []}, "/readings"),
        ({"readings": [{}] * 501}, "/readings"),
        ({"readings": ["text"]}, "/readings/0"),
    ],
)
def test_a_wrong_field_of_the_envelope_is_named(change: dict[str, object], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_upload(json.dumps(upload_body(reading()) | change).encode())
    assert refused.value.errors[0].pointer == pointer


def test_a_body_that_is_no_object_is_invalid() -> None:
    with pytest.raises(Invalid):
        parse_upload(b"[1, 2]")


def test_fields_of_a_newer_agent_are_ignored() -> None:
    content = unpack(packed(upload_body(reading()) | {"colour_of_the_box": "grey"}), "gzip")

    assert parse_upload(content).seq == 1


@given(st.binary(max_size=200), st.sampled_from([None, "gzip", "identity", "zstd"]))
def test_no_bytes_raise_anything_but_a_problem(body: bytes, encoding: str | None) -> None:
    try:
        parse_upload(unpack(body, encoding))
    except PlatenError as error:
        assert error.detail  # noqa: PT017 - not raising is fine too
