"""The contract of `functions.ingest.table.ports.Documents`, kept by the fake and by the repository."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.ingest.table.ports import Documents
from functions.ingest.table.repository import DynamoDocuments
from shared.names import GSI1
from shared.table import Item, Table


def item(sk: str = "A", **fields: object) -> Item:
    return {"pk": "P", "sk": sk, **fields}


def test_a_saved_item_is_loaded_with_its_version(documents: Documents) -> None:
    assert documents.save(item(level=12.5, nothing=None, packed=b"\x01"))

    loaded = documents.load([("P", "A"), ("P", "missing")])

    assert set(loaded) == {("P", "A")}
    stored = loaded["P", "A"]
    assert (stored["version"], float(stored["level"]), bytes(stored["packed"])) == (1, 12.5, b"\x01")
    assert "nothing" not in stored


def test_an_item_that_was_made_ready_is_refused_when_somebody_wrote_meanwhile(documents: Documents) -> None:
    save = documents.saving(item(value="ready"))
    documents.save(item(value="first"))

    assert not save()

    assert documents.load([("P", "A")])["P", "A"]["value"] == "first"


def test_a_new_item_does_not_overwrite_one_that_exists(documents: Documents) -> None:
    documents.save(item(value="first"))

    assert not documents.save(item(value="second"))
    assert documents.load([("P", "A")])["P", "A"]["value"] == "first"


def test_only_the_version_that_was_read_may_be_written(documents: Documents) -> None:
    documents.save(item(value="first"))
    mine = documents.load([("P", "A")])["P", "A"]
    theirs = documents.load([("P", "A")])["P", "A"]

    assert documents.save(theirs | {"value": "theirs"})
    assert not documents.save(mine | {"value": "mine"})

    assert documents.load([("P", "A")])["P", "A"]["value"] == "theirs"
    assert documents.load([("P", "A")])["P", "A"]["version"] == 2


def test_what_ends_is_deleted_at_the_version_that_was_read_and_with_all_else_or_not(documents: Documents) -> None:
    documents.save(item("old"))
    (before,) = documents.load([("P", "old")]).values()
    documents.save(before)

    assert not documents.commit([item("new")], ended=[before])
    assert not documents.load([("P", "new")])
    (now,) = documents.load([("P", "old")]).values()
    assert documents.commit([item("new")], ended=[now])
    assert not documents.load([("P", "old")])
    assert documents.load([("P", "new")])
    (new,) = documents.load([("P", "new")]).values()
    assert documents.commit([], ended=[new])
    assert not documents.load([("P", "new")])


def test_a_commit_writes_all_or_nothing(documents: Documents) -> None:
    documents.save(item("taken"))

    assert not documents.commit([item("new"), item("taken")])
    assert set(documents.load([("P", "new"), ("P", "taken")])) == {("P", "taken")}

    assert documents.commit([item("new"), item("newer")])
    assert set(documents.load([("P", "new"), ("P", "newer")])) == {("P", "new"), ("P", "newer")}


def test_an_item_that_vanished_is_not_written_at_its_old_version(documents: Documents) -> None:
    documents.save(item())
    read = documents.load([("P", "A")])["P", "A"]
    documents.remove(("P", "A"))

    assert not documents.save(read)


def test_removing_twice_is_no_error(documents: Documents) -> None:
    documents.save(item())

    documents.remove(("P", "A"))
    documents.remove(("P", "A"))

    assert documents.load([("P", "A")]) == {}


def test_replacing_does_not_ask_what_was_there(documents: Documents) -> None:
    documents.replace(item(value=1))
    documents.replace(item(value=2))

    assert documents.load([("P", "A")])["P", "A"]["value"] == 2


def test_a_count_rises_by_one_each_time(documents: Documents) -> None:
    assert [documents.count(("C", "C"), 2_000_000_000) for _ in range(3)] == [1, 2, 3]


def test_more_than_a_hundred_items_are_loaded_at_once(documents: Documents) -> None:
    keys = [("P", f"K{number:03d}") for number in range(130)]
    for pk, sk in keys:
        documents.save({"pk": pk, "sk": sk})

    assert set(documents.load([*keys, *keys])) == set(keys)


def test_pages_follow_each_other_in_order_of_key(documents: Documents) -> None:
    for number in range(5):
        documents.save(item(f"DAY#{number}", gsi1pk="T", gsi1sk=f"/a/#{number}"))
    documents.save(item("META"))

    first = documents.page("P", sk_prefix="DAY#", limit=3)
    second = documents.page("P", sk_prefix="DAY#", limit=3, cursor=first.next_cursor)

    assert [each["sk"] for each in first.items + second.items] == [f"DAY#{number}" for number in range(5)]
    assert second.next_cursor is None
    between = documents.page("P", sk_between=("DAY#1", "DAY#3"))
    assert [each["sk"] for each in between.items] == ["DAY#1", "DAY#2", "DAY#3"]
    indexed = documents.page("T", sk_prefix="/a/", index=GSI1)
    assert len(indexed.items) == 5


def test_pages_run_backwards_when_the_newest_are_asked_for_first(documents: Documents) -> None:
    for sk in ("DAY#1", "DAY#2", "DAY#3", "STATE"):
        documents.save(item(sk))

    first = documents.page("P", sk_between=("DAY#0", "DAY#9"), limit=2, newest_first=True)
    rest = documents.page("P", sk_between=("DAY#0", "DAY#9"), limit=2, cursor=first.next_cursor, newest_first=True)

    assert [each["sk"] for each in (*first.items, *rest.items)] == ["DAY#3", "DAY#2", "DAY#1"]


@pytest.mark.parametrize(
    ("code", "is_others"), [("TransactionConflictException", True), ("ValidationException", False)]
)
def test_an_item_that_a_transaction_is_just_writing_is_somebody_elses(
    monkeypatch: pytest.MonkeyPatch, code: str, *, is_others: bool
) -> None:
    """DynamoDB says so itself, and the client does not try again; no other error is taken for it."""

    client = boto3.client("dynamodb", region_name="eu-central-1")

    def refused(**_given: object) -> dict[str, Any]:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "PutItem")

    monkeypatch.setattr(client, "put_item", refused)
    documents = DynamoDocuments(Table("fleet", client))

    if is_others:
        assert not documents.save(item())
    else:
        with pytest.raises(ClientError, match=code):
            documents.save(item())
