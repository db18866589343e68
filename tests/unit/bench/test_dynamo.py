"""The capacity units that cost figures rest on."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.dynamo import CountingDynamo, size_of
from shared.table import IF_ABSENT, Condition, Table, to_attributes


def table(store: CountingDynamo) -> Table:
    client: Any = store
    return Table("fleet", client)


def item(sk: str = "STATE", octets: int = 0, **more: object) -> dict[str, object]:
    return {"pk": "p", "sk": sk, "text": "x" * octets, **more}


def test_an_item_weighs_its_names_and_values() -> None:
    attributes = to_attributes({"pk": "abc", "n": 1234, "flag": True, "list": ["ab"], "map": {"k": 7}})

    # pk+abc 5, n+1234 (two digits an octet, one for the sign) 4, flag 5, list 4+3+1+2, map 3+3+1+1+2
    assert size_of(attributes) == 5 + 4 + 5 + 10 + 10


def test_a_write_costs_a_unit_for_each_kilobyte_begun_of_the_larger_of_old_and_new() -> None:
    store = CountingDynamo()

    table(store).put(item(octets=2_500))
    table(store).put(item(octets=10))

    assert store.take().write_units == 3 + 3


def test_a_refused_write_is_billed_and_changes_nothing() -> None:
    store = CountingDynamo()
    fleet = table(store)
    fleet.put(item(version=1))
    store.take()

    assert not fleet.put(item(version=2), IF_ABSENT)
    assert not fleet.put(item(version=3), Condition("version = :version", values={":version": 2}))

    counted = store.take()
    assert counted.write_units == 2
    assert fleet.get("p", "STATE") == item(version=1)


def test_a_transaction_costs_twice_as_much_and_writes_all_or_nothing() -> None:
    store = CountingDynamo()
    fleet = table(store)

    assert fleet.transact(fleet.put_write(item("A")), fleet.put_write(item("B"))) is None
    assert fleet.transact(fleet.put_write(item("C")), fleet.put_write(item("B"))) == ["None", "ConditionalCheckFailed"]

    assert store.take().write_units == 4 + 4
    assert fleet.get("p", "C") is None


def test_an_index_costs_as_much_again_and_twice_when_the_items_key_in_it_moves() -> None:
    store = CountingDynamo()
    fleet = table(store)

    def put(**more: object) -> float:
        fleet.put(item(**more))  # type: ignore[arg-type] # any attribute
        return store.take().write_units

    assert put() == 1
    assert put(gsi1pk="a", gsi1sk="1") == 2
    assert put(gsi1pk="a", gsi1sk="1") == 1
    assert put(gsi1pk="a", gsi1sk="1", more=1) == 2
    assert put(gsi1pk="a", gsi1sk="2") == 3


def test_a_consistent_read_costs_a_unit_for_each_four_kilobytes_begun_and_any_other_half_of_it() -> None:
    store = CountingDynamo()
    fleet = table(store)
    fleet.put(item(octets=5_000))
    store.take()

    fleet.get("p", "STATE")
    fleet.get("p", "STATE", consistent=False)
    fleet.get("p", "not there")

    assert store.take().read_units == 2 + 1 + 1


def test_a_condition_that_the_store_does_not_know_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(ValueError, match="does not know the condition"):
        table(CountingDynamo()).put(item(), Condition("size(pk) > :one", values={":one": 1}))


def test_a_refusal_looks_like_boto3s() -> None:
    store = CountingDynamo()
    store.put_item(TableName="fleet", Item=to_attributes(item()))

    with pytest.raises(ClientError) as refused:
        store.put_item(TableName="fleet", Item=to_attributes(item()), ConditionExpression="attribute_not_exists(pk)")

    assert refused.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
