"""The agreement with agents that are out there: version 1 stays readable, and the published schemas are the models."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from functions.ingest.credentials.tokens import verify_proof
from functions.ingest.uploads.unpack import parse_upload
from local import schemas
from shared.wire.activation import ActivationRequest
from shared.wire.codes import code_digest, normalise_code
from shared.wire.printer_mib import LevelState
from shared.wire.reading import MissingReason, PrinterReading
from shared.wire.upload import UnchangedReading, is_unchanged, reading_body
from tests.support.ingest import NOW

FROZEN = Path(__file__).parents[1] / "fixtures" / "wire" / "v1"


def frozen(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FROZEN / name).read_text(encoding="utf-8"))
    return loaded


def test_an_upload_of_version_1_is_still_read_with_every_value() -> None:
    upload = parse_upload((FROZEN / "upload.json").read_bytes())
    full, bare = (PrinterReading.model_validate(raw) for raw in upload.readings)

    assert (upload.schema_version, upload.seq, upload.dropped_readings) == (1, 42, 0)
    life_count = full.counter("life_count")
    assert life_count is not None
    assert (life_count.value, life_count.unit) == (120345, "impressions")
    assert [(each.level, each.max_capacity, each.level_state) for each in full.supplies or []] == [
        (1150, 4600, LevelState.PERCENT),
        (-3, -2, LevelState.SOME),
        (154, 100, LevelState.PERCENT),
    ]
    assert [each.current_level for each in full.inputs or []] == [-3]
    assert [(each.code, each.location) for each in full.alerts or []] == [(8, -1)]
    assert (bare.counters, bare.alerts) == (None, None)
    assert bare.missing["alerts"] is MissingReason.UNREADABLE


def test_nothing_of_a_version_1_reading_is_dropped() -> None:
    sent = frozen("upload.json")["readings"][0]

    kept = reading_body(PrinterReading.model_validate(sent))

    assert missing_from(kept, sent) == []


def test_a_reading_names_the_credential_set_that_was_answered_and_one_from_before_that_names_none() -> None:
    (raw,) = parse_upload((FROZEN / "upload_credentials.json").read_bytes()).readings
    before = frozen("upload.json")["readings"]

    assert PrinterReading.model_validate(raw).credentials == "Büro v3 (2. OG)"
    assert missing_from(reading_body(PrinterReading.model_validate(raw)), raw) == []
    assert [PrinterReading.model_validate(each).credentials for each in before] == [None, None]


@pytest.mark.parametrize("name", ["", "n" * 65, "two\nlines", "\x1b[2J", "\u202eabc", "\u2028"])
def test_a_name_of_a_credential_set_that_could_act_on_a_screen_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="credentials"):
        PrinterReading.model_validate(frozen("upload.json")["readings"][0] | {"credentials": name})


def test_an_unchanged_reading_of_version_1_is_still_told_from_a_whole_one_and_read() -> None:
    whole = parse_upload((FROZEN / "upload.json").read_bytes())
    (raw,) = parse_upload((FROZEN / "upload_unchanged.json").read_bytes()).readings

    assert [is_unchanged(each) for each in (*whole.readings, raw)] == [False, False, True]
    assert UnchangedReading.model_validate(raw).model_dump(mode="json") == raw | {"taken_at": "2026-11-22T19:20:05Z"}


def missing_from(kept: Any, sent: Any, at: str = "") -> list[str]:  # noqa: ANN401 - any JSON
    if isinstance(sent, dict):
        return [
            lost for name, value in sent.items() for lost in missing_from((kept or {}).get(name), value, f"{at}/{name}")
        ]
    if isinstance(sent, list):
        pairs = zip(kept or [None] * len(sent), sent, strict=True)
        return [
            lost for place, (mine, theirs) in enumerate(pairs) for lost in missing_from(mine, theirs, f"{at}/{place}")
        ]
    if isinstance(sent, str) and at.endswith("_at"):
        return [] if kept is not None else [at]
    return [] if kept == sent else [at]


def test_an_activation_of_version_1_is_still_read_and_its_proof_verified() -> None:
    request = ActivationRequest.model_validate(frozen("activation.json"))

    verify_proof(request.proof, request.jwk, code_digest(normalise_code(request.code) or ""), NOW)

    assert request.jwk.crv == "P-256"


@pytest.mark.parametrize("path", sorted(schemas.files()), ids=lambda path: path.name)
def test_the_published_schemas_are_the_models(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == schemas.files()[path], "run 'make docs'"


def test_no_schema_is_left_over() -> None:
    assert sorted(schemas.FOLDER.glob("*.json")) == sorted(schemas.files())


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        ("upload.v1", frozen("upload.json")),
        ("printer-reading.v1", frozen("upload.json")["readings"][0]),
        ("printer-reading.v1", frozen("upload.json")["readings"][1]),
        ("printer-reading.v1", frozen("upload_credentials.json")["readings"][0]),
        ("activation-request.v1", frozen("activation.json")),
    ],
)
def test_the_frozen_documents_fit_the_published_schemas(schema: str, document: dict[str, Any]) -> None:
    published = json.loads((schemas.FOLDER / f"{schema}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(published)

    jsonschema.validate(document, published, cls=jsonschema.Draft202012Validator)


def test_a_published_schema_refuses_what_the_model_refuses() -> None:
    published = json.loads((schemas.FOLDER / "printer-reading.v1.json").read_text(encoding="utf-8"))
    wrong = frozen("upload.json")["readings"][0] | {"counters": [{"name": "life_count", "value": -1}]}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, published, cls=jsonschema.Draft202012Validator)


def leaves(raw: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401 - any JSON
    """Where a reading has numbers and booleans."""
    if isinstance(raw, (int, float)):
        yield at
    for part, inner in raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ():
        yield from leaves(inner, (*at, part))


READING = frozen("upload.json")["readings"][0]


@pytest.mark.parametrize("place", list(leaves(READING)), ids=str)
def test_a_text_is_no_number_and_true_is_no_count(place: tuple[str | int, ...]) -> None:
    changed = deepcopy(READING)
    at: Any = changed
    for part in place[:-1]:
        at = at[part]
    was = at[place[-1]]
    others = ["yes", 1] if isinstance(was, bool) else [str(was), True]

    for value in others:
        at[place[-1]] = value
        with pytest.raises(ValidationError) as refused:
            PrinterReading.model_validate(changed)
        assert [each["loc"] for each in refused.value.errors()] == [place]
