"""The table room: conditional writes answer, pages end, a cursor belongs to its list. On moto."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from shared.clock import from_key_time, key_time
from shared.errors import Malformed
from shared.table import Condition, Table, from_attributes, to_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def table() -> Iterator[Table]:
    with mock_aws():
        client: DynamoDBClient = boto3.client("dynamodb")
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        yield Table("t", client)


def test_a_thing_is_created_once(table: Table) -> None:
    assert table.create({"pk": "a", "sk": "1", "name": "first"})
    assert not table.create({"pk": "a", "sk": "1", "name": "second"})

    stored = table.get("a", "1")

    assert stored is not None
    assert stored["name"] == "first"


def test_an_update_whose_condition_fails_changes_nothing(table: Table) -> None:
    table.create({"pk": "a", "sk": "1", "n": 1})

    refused = table.update("a", "1", Condition("SET n = :n", values={":n": 2}), condition="n > :n")
    done = table.update("a", "1", Condition("SET n = :n", values={":n": 3}))

    assert refused is None
    assert done is not None
    assert done["n"] == 3


def test_pages_give_every_item_once_and_end(table: Table) -> None:
    for number in range(7):
        table.create({"pk": "a", "sk": f"X#{number}"})
    table.create({"pk": "a", "sk": "Y#0"})
    seen: list[str] = []
    cursor = None

    while True:
        page = table.query("a", sk_prefix="X#", limit=3, cursor=cursor)
        seen += [item["sk"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == [f"X#{number}" for number in range(7)]


@pytest.mark.parametrize("cursor", ["", "x", "!!!!", "e30", "W10", "eyJwayI6MX0"])
def test_a_cursor_that_is_none_of_ours_is_refused_by_name(table: Table, cursor: str) -> None:
    table.create({"pk": "a", "sk": "1"})
    if not cursor:
        assert table.query("a", cursor=cursor).items
        return

    with pytest.raises(Malformed) as refused:
        table.query("a", cursor=cursor)

    assert refused.value.errors[0].pointer == "query:cursor"


def test_a_cursor_of_another_list_is_refused(table: Table) -> None:
    for number in range(3):
        table.create({"pk": "theirs", "sk": str(number)})
    cursor = table.query("theirs", limit=1).next_cursor

    with pytest.raises(Malformed):
        table.query("ours", cursor=cursor)


def test_a_transaction_does_all_or_nothing_and_says_which_write_was_refused(table: Table) -> None:
    table.create({"pk": "a", "sk": "taken"})

    reasons = table.transact(table.put_write({"pk": "a", "sk": "new"}), table.put_write({"pk": "a", "sk": "taken"}))

    assert reasons == ["None", "ConditionalCheckFailed"]
    assert table.get("a", "new") is None


values = st.recursive(
    st.one_of(
        st.text(max_size=20),
        st.booleans(),
        st.integers(min_value=-(10**30), max_value=10**30),
        st.decimals(min_value=-1000, max_value=1000, places=2).filter(lambda d: d != d.to_integral_value()),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(values)
def test_what_is_stored_comes_back_equal(value: object) -> None:
    assert from_attributes(to_attributes({"value": value})) == {"value": value}


def test_a_float_is_stored_by_its_digits_and_none_is_left_out() -> None:
    stored = from_attributes(to_attributes({"percent": 12.35, "none": None, "inner": {"none": None}}))

    assert stored == {"percent": Decimal("12.35"), "inner": {}}


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - made aware below
def test_key_times_sort_as_the_times_they_are(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)

    assert from_key_time(key_time(aware)) == aware
    assert (key_time(aware) < key_time(datetime(2050, 1, 1, tzinfo=UTC))) == (aware < datetime(2050, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("sk", ["", "ORDER#1", "DAY#9" * 500])
def test_a_cursor_that_leads_out_of_its_list_is_refused(table: Table, sk: str) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps({"pk": "a", "sk": sk}).encode()).decode()

    with pytest.raises(Malformed, match="cursor"):
        table.query("a", sk_between=("DAY#2026-01-01", "DAY#2026-12-31"), cursor=cursor)


@pytest.mark.parametrize("key", [{"pk": "a"}, {"pk": "a", "sk": "1", "gsi1pk": "x"}, {"pk": "a", "sk": 1}, ["a"]])
def test_a_cursor_of_other_attributes_is_refused(table: Table, key: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode()

    with pytest.raises(Malformed, match="cursor"):
        table.query("a", cursor=cursor)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_key_times_of_any_year_sort_as_the_times(one: datetime, other: datetime) -> None:
    assert (key_time(one) < key_time(other)) == (one < other)
    assert from_key_time(key_time(one)) == one


def test_a_cursor_that_no_store_can_read_is_refused(table: Table) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps({"pk": "a", "sk": "\ud800"}).encode()).decode()

    with pytest.raises(Malformed, match="cursor"):
        table.query("a", cursor=cursor)
