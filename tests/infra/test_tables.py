"""The tables: one per context, protected where the data is real."""

import pytest

from shared.names import DUE_INDEX, GSI1, PAGES_INDEX, TTL_ATTRIBUTE
from tests.support.templates import Resources, Synthesized

pytestmark = pytest.mark.synth

STREAMED = {"Accounts", "Fleet", "Eligibility", "Orders", "Tickets"}
WITH_DUE_INDEX = {"Fleet", "Orders", "Tickets", "Webhooks"}
WITH_PAGES_INDEX = "Fleet"
CONTEXTS = {"Accounts", "Fleet", "Eligibility", "Orders", "Tickets", "Webhooks"}


def tables(stage: Synthesized) -> Resources:
    found = stage.of_type("AWS::DynamoDB::Table")
    return {name.removeprefix("Tables")[:-8]: each for name, each in found.items()}


def test_there_is_one_table_for_each_context_and_one_for_idempotency(prod: Synthesized) -> None:
    assert set(tables(prod)) == CONTEXTS | {"Idempotency"}


def test_production_tables_can_be_restored_and_survive_the_stack(prod: Synthesized) -> None:
    for name, table in tables(prod).items():
        properties = table["Properties"]
        assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name
        assert properties["DeletionProtectionEnabled"] is True, name
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain"), name


def test_development_tables_go_with_the_stack(dev: Synthesized) -> None:
    for name, table in tables(dev).items():
        properties = table["Properties"]
        assert table["DeletionPolicy"] == "Delete", name
        assert not properties["DeletionProtectionEnabled"], name


def test_every_context_table_has_the_keys_and_indexes_that_the_code_writes(prod: Synthesized) -> None:
    for name in CONTEXTS:
        properties = tables(prod)[name]["Properties"]
        indexes = {GSI1: "ALL"} | ({DUE_INDEX: "ALL"} if name in WITH_DUE_INDEX else {})
        indexes |= {PAGES_INDEX: "KEYS_ONLY"} if name == WITH_PAGES_INDEX else {}
        assert keys(properties["KeySchema"]) == ["pk", "sk"]
        found = {
            each["IndexName"]: each["Projection"]["ProjectionType"] for each in properties["GlobalSecondaryIndexes"]
        }
        assert found == indexes
        for index in properties["GlobalSecondaryIndexes"]:
            assert keys(index["KeySchema"]) == [f"{index['IndexName']}pk", f"{index['IndexName']}sk"]
        assert properties["TimeToLiveSpecification"] == {"AttributeName": TTL_ATTRIBUTE, "Enabled": True}


def test_tables_cost_by_the_request(prod: Synthesized) -> None:
    modes = {name: table["Properties"] for name, table in tables(prod).items()}
    assert [name for name, each in modes.items() if each["BillingMode"] != "PAY_PER_REQUEST"] == []


def test_streams_carry_both_images(prod: Synthesized) -> None:
    streams = {
        name: table["Properties"]["StreamSpecification"]
        for name, table in tables(prod).items()
        if "StreamSpecification" in table["Properties"]
    }
    assert streams == {name: {"StreamViewType": "NEW_AND_OLD_IMAGES"} for name in STREAMED}


def keys(schema: list[dict[str, str]]) -> list[str]:
    return [part["AttributeName"] for part in schema]
