"""Who changed an agent, and that nobody's change is lost: entity tags and the record of changes, on moto."""

from typing import Any

import pytest

from functions.ingest.agents import ending
from functions.ingest.table import keys
from functions.ingest.table.repository import DynamoDocuments
from shared.errors import Conflict
from shared.table import Item, Table
from tests.support.api_events import body_of, foreign_partner, partner
from tests.support.fleet_door import activated, fleet, problem, sent_reading, tables

__all__ = ["tables"]  # the fixture
pytestmark = pytest.mark.usefixtures("tables")
KEY_ID = partner().key_id


def tag_of(agent_id: str) -> str:
    return str(fleet("GET", f"/v1/agents/{agent_id}")["multiValueHeaders"]["ETag"][0])


def changed(agent_id: str, if_match: str | None, **wanted: object) -> dict[str, Any]:
    headers = {"If-Match": if_match} if if_match else {"X-None": "1"}
    return fleet("PATCH", f"/v1/agents/{agent_id}", wanted, headers=headers)


def record(agent_id: str) -> list[dict[str, Any]]:
    answer = fleet("GET", f"/v1/agents/{agent_id}/changes")
    assert answer["statusCode"] == 200, answer["body"]
    return list(body_of(answer)["items"])


def test_a_change_is_made_over_the_version_that_was_seen(tables: dict[str, Table]) -> None:
    agent_id = activated().agent_id
    seen = tag_of(agent_id)

    answer = changed(agent_id, seen, name="Cellar")
    late = problem(changed(agent_id, seen, name="Attic"), 412)
    blind = problem(changed(agent_id, None, name="Attic"), 428)

    assert (answer["statusCode"], body_of(answer)["name"]) == (200, "Cellar")
    assert answer["multiValueHeaders"]["ETag"] != [seen]
    assert (late["code"], blind["code"]) == ("version_changed", "if_match_required")
    assert {error["pointer"] for error in (*late["errors"], *blind["errors"])} == {"header:If-Match"}
    assert body_of(fleet("GET", f"/v1/agents/{agent_id}"))["name"] == "Cellar"
    assert tables


def test_what_an_agent_does_itself_is_no_new_version(tables: dict[str, Table]) -> None:
    grant = activated()
    seen = tag_of(grant.agent_id)
    sent_reading(grant)
    documents = DynamoDocuments(tables["fleet"])
    key = keys.agent(grant.agent_id)
    assert documents.save(documents.load([key])[key] | {"generation": 7})

    assert changed(grant.agent_id, seen, name="Cellar")["statusCode"] == 200


@pytest.mark.parametrize(
    "wanted", [{"name": "mine"}, {"status": "deactivated"}, {"name": "x", "status": "deactivated"}]
)
def test_of_two_writers_at_once_the_second_is_told_and_nothing_of_its_change_is_kept(
    tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch, wanted: dict[str, object]
) -> None:
    agent_id = activated().agent_id
    seen, commit = tag_of(agent_id), DynamoDocuments.commit

    def overtaken(self: DynamoDocuments, items: list[Item], **more: Any) -> bool:  # noqa: ANN401 - as commit
        monkeypatch.setattr(DynamoDocuments, "commit", commit)
        assert changed(agent_id, seen, name="theirs")["statusCode"] == 200
        return commit(self, items, **more)

    monkeypatch.setattr(DynamoDocuments, "commit", overtaken)
    answer = problem(changed(agent_id, seen, **wanted), 412)

    shown = body_of(fleet("GET", f"/v1/agents/{agent_id}"))
    assert answer["code"] == "version_changed"
    assert (shown["name"], shown["status"]) == ("theirs", "active")
    row = tables["fleet"].get(*keys.agent(agent_id))
    assert row is not None
    assert "ending_until" not in row


def test_a_name_and_the_end_are_one_write(tables: dict[str, Table]) -> None:
    agent_id = activated().agent_id

    answer = body_of(changed(agent_id, tag_of(agent_id), name="Old cellar", status="deactivated"))

    assert (answer["name"], answer["status"]) == ("Old cellar", "deactivated")
    last = record(agent_id)[0]
    assert (last["deed"], last["key_id"]) == ("deactivated", KEY_ID)
    assert {"field": "name", "before": None, "after": "Old cellar"} in last["fields"]
    assert {"field": "status", "before": "active", "after": "deactivated"} in last["fields"]
    assert tables


def test_every_change_is_on_record_with_who_made_it(tables: dict[str, Table]) -> None:
    agent_id = activated().agent_id
    changed(agent_id, "*", discovery={"include": ["198.51.100.7"]}, poll_interval_seconds=300)
    changed(agent_id, "*", poll_interval_seconds=300)
    fleet("POST", f"/v1/agents/{agent_id}/suspensions", {"reason": "Stolen"})
    fleet("POST", f"/v1/agents/{agent_id}/resumptions")

    found = record(agent_id)

    assert [(each["deed"], each["key_id"]) for each in found] == [
        ("resumed", KEY_ID),
        ("suspended", KEY_ID),
        ("edited", KEY_ID),
        ("activated", None),
    ]
    assert found[2]["fields"] == [
        {"field": "discovery.include", "before": ["192.0.2.0/24"], "after": ["198.51.100.7"]},
        {"field": "poll_interval_seconds", "before": 60, "after": 300},
    ]
    assert {"field": "suspended_reason", "before": None, "after": "Stolen"} in found[1]["fields"]
    assert tables


def test_the_record_comes_in_pages_and_to_those_alone_who_see_the_agent(tables: dict[str, Table]) -> None:
    agent_id = activated().agent_id
    for number in range(3):
        changed(agent_id, "*", name=f"Name {number}")

    first = body_of(fleet("GET", f"/v1/agents/{agent_id}/changes", query={"limit": "3"}))
    rest = body_of(fleet("GET", f"/v1/agents/{agent_id}/changes", query={"limit": "3", "cursor": first["next_cursor"]}))

    assert [each["fields"][0]["after"] for each in first["items"]] == ["Name 2", "Name 1", "Name 0"]
    assert [each["deed"] for each in rest["items"]] == ["activated"]
    assert rest["next_cursor"] is None
    problem(fleet("GET", f"/v1/agents/{agent_id}/changes", caller=foreign_partner()), 404)
    assert tables


def test_a_refused_change_is_not_on_record(tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch) -> None:
    agent_id = activated().agent_id
    monkeypatch.setattr(ending, "changed_row", _refuse)

    problem(changed(agent_id, "*", name="x", status="deactivated"), 409)

    assert [each["deed"] for each in record(agent_id)] == ["activated"]
    assert body_of(fleet("GET", f"/v1/agents/{agent_id}"))["name"] is None
    assert tables


def _refuse(*_given: object) -> None:
    raise Conflict("agent_has_managed_printers", "x")


def test_the_entry_of_a_deletion_writes_no_name_down_again(tables: dict[str, Table]) -> None:
    agent_id = activated().agent_id
    fleet("DELETE", f"/v1/agents/{agent_id}")

    items = tables["fleet"].query(keys.agent(agent_id)[0], sk_prefix=keys.AGENT_CHANGE_PREFIX, limit=10).items

    deleted = next(each for each in items if each["deed"] == "deleted")
    assert all(each.get("after") in {None, "deleted"} for each in deleted["fields"])
    assert all(each["expires_at"] > 0 for each in items)
    problem(fleet("GET", f"/v1/agents/{agent_id}/changes"), 404)


def test_an_interval_that_is_taken_back_is_as_the_settings_say_and_that_is_on_record(tables: dict[str, Table]) -> None:
    agent_id = activated().agent_id
    hourly = body_of(changed(agent_id, "*", heartbeat_interval_seconds=3_600, poll_interval_seconds=300))
    again = body_of(changed(agent_id, "*", poll_interval_seconds=None))

    found = record(agent_id)

    assert (hourly["config"]["poll_interval_seconds"], again["config"]["poll_interval_seconds"]) == (300, 900)
    assert found[0]["fields"] == [{"field": "poll_interval_seconds", "before": 300, "after": None}]
    assert {"field": "heartbeat_interval_seconds", "before": None, "after": 3_600} in found[1]["fields"]
    assert tables


def test_what_an_agent_will_be_told_is_answered_at_once_and_what_is_expected_of_it_by_what_it_was_told(
    tables: dict[str, Table],
) -> None:
    agent_id = activated().agent_id
    row = tables["fleet"].get(*keys.agent(agent_id))
    assert row is not None
    tables["fleet"].put(row | {"automatic_heartbeat_seconds": 21_600, "told_heartbeat_seconds": 21_600})

    six_hours = body_of(changed(agent_id, "*", name="Cellar"))
    one_hour = body_of(changed(agent_id, "*", heartbeat_interval_seconds=3_600))

    assert six_hours["config"]["heartbeat_interval_seconds"] == 21_600
    assert one_hour["config"]["heartbeat_interval_seconds"] == 3_600
    assert one_hour["expected_by"] == six_hours["expected_by"]
