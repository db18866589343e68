"""What the accounts table's stream sets off."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.accounts import key_authorizer, on_change, settings
from shared.directory import keys
from shared.directory.inherited import SettingName
from shared.events import BusEvent, EventName
from shared.table import Table, to_attributes
from tests.support.accounts import accounts_tables, add_organization, add_printer, call, keep_key_of, new_site
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, body_of, function_context, partner
from tests.support.bus_events import assert_as_published

PRINTER = "prn_01jd2x00000000000000000001"
ADA, BOB = "ctc_01jd2x00000000000000000001", "ctc_01jd2x00000000000000000002"
SECOND = 1_795_600_000


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    with accounts_tables(monkeypatch) as (accounts, fleet):
        add_organization(accounts, ROOT_ORGANIZATION)
        add_organization(accounts, CHILD_ORGANIZATION, above=f"/{ROOT_ORGANIZATION}/")
        add_printer(fleet, PRINTER, CHILD_ORGANIZATION)
        keep_key_of(partner(), accounts)
        yield accounts


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[BusEvent]:
    monkeypatch.setenv("EVENT_BUS", "bus")
    settings.publisher_settings.cache_clear()
    events: list[BusEvent] = []
    monkeypatch.setattr(on_change, "publish", lambda batch, **_: events.extend(batch))
    return events


def record(old: dict[str, Any] | None, new: dict[str, Any] | None, number: int = 1) -> dict[str, Any]:
    images = {"OldImage": to_attributes(old) if old else None, "NewImage": to_attributes(new) if new else None}
    change = {name: image for name, image in images.items() if image is not None}
    return {
        "eventID": str(number),
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": SECOND, **change},
    }


def handle(*records: dict[str, Any]) -> list[str]:
    answer = on_change.lambda_handler({"Records": list(records)}, function_context())
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def assignment(contact_id: str, at: str = "2026-11-22T18:20:21.000000Z") -> dict[str, Any]:
    return {
        "pk": keys.tenant(ROOT_ORGANIZATION),
        "sk": keys.delivery_contact(PRINTER),
        "tenant_id": ROOT_ORGANIZATION,
        "organization_id": CHILD_ORGANIZATION,
        "organization_path": f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/",
        "printer_id": PRINTER,
        "contact_id": contact_id,
        "assigned_at": at,
        "assigned_by": "key_01jd2x00000000000000000001",
    }


def stored(table: Table, sort_key: str) -> dict[str, Any] | None:
    return table.get(keys.tenant(ROOT_ORGANIZATION), sort_key)


def test_each_new_contact_of_a_printer_is_told_with_the_one_before(published: list[BusEvent]) -> None:
    ada, bob = assignment(ADA), assignment(BOB, "2026-11-22T19:00:00.000000Z")

    assert handle(record(None, ada), record(ada, bob, 2), record(bob, None, 3)) == []

    assert [(each.name, each.data.get("contact_id"), each.data["previous_contact_id"]) for each in published] == [
        (EventName.CONTACT_ASSIGNED, ADA, None),
        (EventName.CONTACT_ASSIGNED, BOB, ADA),
        (EventName.CONTACT_UNASSIGNED, None, BOB),
    ]
    assert {(each.subject_id, each.organization_id) for each in published} == {(PRINTER, CHILD_ORGANIZATION)}
    assert published[2].occurred_at == datetime.fromtimestamp(SECOND, UTC)
    for each in published:
        assert_as_published(each)


def test_a_repeated_record_carries_the_same_id_and_an_unchanged_contact_is_no_news(published: list[BusEvent]) -> None:
    ada = assignment(ADA)
    moved = ada | {"organization_id": ROOT_ORGANIZATION}

    handle(record(None, ada), record(None, ada), record(ada, moved), record(ada, None), record(ada, None))

    assert len(published) == 4
    assert len({each.event_id for each in published}) == 2
    assert len({(each.event_id, each.occurred_at) for each in published}) == 2


def test_what_is_taken_away_in_the_second_in_which_it_was_given_is_told_after_it(published: list[BusEvent]) -> None:
    late = datetime.fromtimestamp(SECOND + 0.7, UTC)
    ada = assignment(ADA, late.isoformat())

    handle(record(None, ada), record(ada, None))

    assert late == published[0].occurred_at < published[1].occurred_at


def test_only_the_record_that_failed_comes_again(published: list[BusEvent], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_ada(batch: list[BusEvent], **_: object) -> None:
        if batch[0].data["contact_id"] == ADA:
            raise OSError
        published.extend(batch)

    monkeypatch.setattr(on_change, "publish", refuse_ada)

    assert handle(record(None, assignment(BOB), 1), record(None, assignment(ADA), 2)) == ["2"]
    assert [each.data["contact_id"] for each in published] == [BOB]


def set_floor(entity_id: str, value: int) -> None:
    wanted = {"set": [{"name": SettingName.FLOOR_PERCENT.value, "value": value}]}
    answer = call(partner(), "PATCH", f"/v1/settings/{entity_id}", wanted, headers={"If-Match": "*"})
    assert answer["statusCode"] == 200, answer["body"]


def test_a_deleted_organisation_takes_its_settings_along_and_leaves_those_of_others(
    table: Table, published: list[BusEvent]
) -> None:
    for entity in (ROOT_ORGANIZATION, CHILD_ORGANIZATION, PRINTER):
        set_floor(entity, 7)
    child = stored(table, keys.organization(CHILD_ORGANIZATION))
    assert child is not None
    Table("fleet", table.client).delete(keys.printer(ROOT_ORGANIZATION, PRINTER), keys.PRINTER_META)

    gone = record(child, None)
    assert handle(gone, gone) == []

    assert stored(table, keys.explicit_settings("organization", ROOT_ORGANIZATION)) is not None
    assert stored(table, keys.explicit_settings("organization", CHILD_ORGANIZATION)) is None
    assert stored(table, keys.explicit_settings("printer", PRINTER)) is None
    (first, second) = published
    assert first == second
    assert (first.name, first.subject_id) == (EventName.ORGANIZATION_DELETED, CHILD_ORGANIZATION)
    assert_as_published(first)


def admitted(api_key: str) -> str:
    event = {"methodArn": "arn:a:b:c:d:api/prod/GET/v1", "headers": {"x-api-key": api_key}}
    organization_id: str = key_authorizer.lambda_handler(event, function_context())["context"]["organization_id"]
    return organization_id


def test_a_key_that_the_look_before_a_deletion_missed_is_revoked_with_its_organisation(
    table: Table, published: list[BusEvent]
) -> None:
    # Given keys that were made when an index did not tell of them yet: the organisation was deleted all the same
    wanted = {"name": "ERP", "scopes": ["fleet:read"]}
    ours = body_of(call(partner(), "POST", "/v1/api-keys", wanted))
    late = [
        body_of(call(partner(), "POST", "/v1/api-keys", wanted | {"organization_id": CHILD_ORGANIZATION}))
        for _ in range(3)
    ]
    child = stored(table, keys.organization(CHILD_ORGANIZATION))

    assert handle(record(child, None)) == []

    for key in late:
        with pytest.raises(Exception, match=r"^Unauthorized$"):
            admitted(key["api_key"])
    assert admitted(ours["api_key"]) == ROOT_ORGANIZATION
    shown = [body_of(call(partner(), "GET", f"/v1/api-keys/{key['key_id']}")) for key in late]
    assert [each["status"] for each in shown] == ["revoked"] * 3
    # And again: what is revoked stays revoked when it was
    assert handle(record(child, None)) == []
    assert [body_of(call(partner(), "GET", f"/v1/api-keys/{key['key_id']}")) for key in late] == shown


def test_a_printer_that_moved_away_keeps_its_settings(table: Table, published: list[BusEvent]) -> None:
    set_floor(PRINTER, 7)
    child = stored(table, keys.organization(CHILD_ORGANIZATION))

    handle(record(child, None))

    assert stored(table, keys.explicit_settings("printer", PRINTER)) is not None
    assert len(published) == 1


def test_nothing_is_set_at_an_organisation_or_a_site_that_is_gone(table: Table) -> None:
    site = body_of(call(partner(), "POST", "/v1/sites", new_site(CHILD_ORGANIZATION)))["site_id"]
    set_floor(site, 7)
    item = stored(table, keys.site(site))
    assert item is not None
    table.delete(item["pk"], item["sk"])

    assert handle(record(item, None)) == []

    assert stored(table, keys.explicit_settings("site", site)) is None


def test_a_rename_a_partners_copy_and_any_other_item_are_no_news(table: Table, published: list[BusEvent]) -> None:
    child = stored(table, keys.organization(CHILD_ORGANIZATION))
    assert child is not None
    copy = child | {"pk": "PARTNER"}
    other = {"pk": keys.tenant(ROOT_ORGANIZATION), "sk": "CONTACT#1", "organization_id": CHILD_ORGANIZATION}

    handle(record(child, child | {"name": "New"}), record(copy, None), record(other, None), record(None, child))

    assert published == []
