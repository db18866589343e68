"""A dead key writes nothing, although API Gateway goes on admitting it for minutes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from functions.eligibility import eligibility_api
from functions.ingest import fleet_api
from functions.orders import fulfilment_api, orders_api
from functions.tickets import tickets_api
from shared import aws
from shared.directory import keys, standing
from shared.errors import Unauthenticated
from shared.table import Table
from tests.support.api_events import body_of, function_context, partner, rest_event
from tests.support.tables import make_table

NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
CALLER = partner()
WRITES = {
    fleet_api: ("PATCH", "/v1/agents/agt_01jd2x00000000000000000001", {"name": "x"}),
    eligibility_api: ("POST", "/v1/entitlements", {"organization_id": CALLER.organization_id}),
    orders_api: ("POST", "/v1/orders/ord_01jd2x00000000000000000001/transitions", {"to": "cancelled", "reason": "x"}),
    fulfilment_api: (
        "POST",
        "/v1/fulfilment-events",
        {
            "order_id": "ord_01jd2x00000000000000000001",
            "event_id": "e",
            "type": "lost",
            "occurred_at": "2026-11-22T18:20:21Z",
        },
    ),
    tickets_api: ("POST", "/v1/service-calls/cal_01jd2x00000000000000000001/transitions", {"to": "triage"}),
}


@pytest.fixture
def living_keys() -> None:
    """Here every key is looked up."""


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setenv("ACCOUNTS_TABLE", "accounts")
    with mock_aws():
        yield make_table(aws.dynamodb(), "accounts")


def keep(table: Table, **changes: object) -> None:
    item = {
        "pk": keys.tenant(CALLER.tenant_id),
        "sk": keys.api_key_pointer(CALLER.key_id),
        "valid_until": NOW + timedelta(days=1),
    }
    table.put(item | changes)


def test_a_living_key_is_read_once_in_half_a_minute(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(table)
    reads: list[object] = []
    get = Table.get

    def counted(*given: object, **more: object) -> object:
        reads.append(given)
        return get(*given, **more)  # type: ignore[arg-type] # whatever it was given

    monkeypatch.setattr(Table, "get", counted)
    standings = standing.Standings(table)

    for seconds in (0, 10, 29, 30, 45):
        standings.refuse_dead(CALLER, NOW + timedelta(seconds=seconds))

    assert len(reads) == 2


def test_a_revoked_key_is_refused_within_half_a_minute(table: Table) -> None:
    keep(table)
    standings = standing.Standings(table)
    standings.refuse_dead(CALLER, NOW)
    keep(table, revoked_at=NOW + timedelta(seconds=1))

    with pytest.raises(Unauthenticated) as refused:
        standings.refuse_dead(CALLER, NOW + standing.BELIEVED_FOR)

    assert refused.value.code == "key_not_live"


def test_a_key_is_not_believed_beyond_its_own_end(table: Table) -> None:
    keep(table, valid_until=NOW + timedelta(seconds=5))
    standings = standing.Standings(table)
    standings.refuse_dead(CALLER, NOW)

    with pytest.raises(Unauthenticated):
        standings.refuse_dead(CALLER, NOW + timedelta(seconds=5))


def test_an_unknown_key_is_refused(table: Table) -> None:
    with pytest.raises(Unauthenticated):
        standing.Standings(table).refuse_dead(CALLER, NOW)


def test_memory_of_keys_is_bounded(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "MOST_KEYS", 3)
    standings = standing.Standings(table)

    for number in range(10):
        key_id = f"key_01jd2x0000000000000000001{number}"
        keep(table, sk=keys.api_key_pointer(key_id))
        standings.refuse_dead(partner(key_id=key_id), NOW)

    assert len(standings._alive) <= 3


@pytest.mark.parametrize("api", WRITES, ids=lambda api: api.__name__.rpartition(".")[2])
def test_no_partner_api_takes_a_write_from_a_revoked_key(table: Table, api: object) -> None:
    method, path, body = WRITES[api]  # type: ignore[index] # a module
    keep(table, revoked_at=NOW)
    event = rest_event(method, path, body, caller=CALLER)

    answer = api.lambda_handler(event, function_context())  # type: ignore[attr-defined] # a module

    assert (answer["statusCode"], body_of(answer)["code"]) == (401, "key_not_live")
