"""Items in DynamoDB's own typing: both ways, packed or not, as boto3 would."""

import base64
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from shared.attributes import PACKED, from_attributes, to_attributes

JSON_VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.text(max_size=9)
    | st.integers(0, 10_000).map(lambda each: each / 100),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=4),
    max_leaves=12,
)
STORED_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=9) | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=9), STORED_VALUES.filter(lambda value: value is not None)))
def test_values_are_typed_as_boto3_types_them(item: dict[str, Any]) -> None:
    item.pop(PACKED, None)

    typed = to_attributes(item)

    assert from_attributes(typed) == without_none(item)
    assert {name: TypeDeserializer().deserialize(value) for name, value in typed.items()} == without_none(item)
    assert typed == {name: TypeSerializer().serialize(value) for name, value in without_none(item).items()}


@given(st.dictionaries(st.sampled_from("abc"), JSON_VALUES))
def test_packed_attributes_are_read_as_if_they_stood_alone(values: dict[str, Any]) -> None:
    item = {"pk": "P", "n": 1} | values | {PACKED: ["a", "b", "c"]}

    typed = to_attributes(item)

    assert typed.keys() == {"pk", "n", PACKED}
    assert from_attributes(typed) == item


def test_a_streams_image_brings_packed_attributes_as_text() -> None:
    item = {"pk": "P", "supplies": [{"index": "1.1", "percent": 62.5}], PACKED: ["supplies"]}
    typed = to_attributes(item)

    image = typed | {PACKED: {"B": base64.b64encode(typed[PACKED]["B"]).decode()}}

    assert from_attributes(image) == item


def test_what_was_packed_by_the_first_release_stays_readable() -> None:
    packed = base64.b64decode("q1YqLUAuDozNDAxA1hTDMrJVNI6QRQsz/OmhFphfE3NSi0AZNK80J6cWAA==")

    assert from_attributes({PACKED: {"B": packed}}) == {
        "uptime_ticks": 360000,
        "supplies": [{"index": "1.1", "supply_type": "toner", "level": -3, "level_state": "some"}],
        PACKED: ["uptime_ticks", "supplies", "alerts"],
    }


def test_a_number_that_dynamodb_cannot_keep_is_refused() -> None:
    with pytest.raises(TypeError):
        to_attributes({"n": Decimal("NaN")})


def without_none(value: Any) -> Any:  # noqa: ANN401 - any stored value
    """Mappings without None, as they are stored."""
    if isinstance(value, dict):
        return {key: without_none(inner) for key, inner in value.items() if inner is not None}
    return [without_none(inner) for inner in value] if isinstance(value, list) else value
