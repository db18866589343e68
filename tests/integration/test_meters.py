"""The meter ledger on the deployed template: a break held and decided, a manual read, as of, between, gaps, export."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.deployed import Json, Tenant, World, another_agent, eventually, fresh, problem_of
from tests.support.deployed_meters import sweep_fleet

pytestmark = [pytest.mark.emulator, pytest.mark.synth]
DAYS = 12
NEW_YORK = ZoneInfo("America/New_York")
"""The zone of the tenant's site."""


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    return world.tenants[0]


@pytest.fixture(scope="module")
def printer_id(world: World, tenant: Tenant) -> str:
    """A printer that made a hundred pages a day, and was reset two days ago without anybody saying so."""
    agent = another_agent(tenant)
    for number, ago in enumerate(range(DAYS, 0, -1)):
        value = 84_210 - 100 * (ago - 3) if ago >= 3 else 12 + 50 * (2 - ago)
        reading = fresh(f"meter-{number}", "METERED-1", ago=timedelta(days=ago), life_count=value, level=None)
        receipt = agent.send(reading, seq=number + 1)
    made = str(receipt["outcomes"][0]["printer_id"])

    def noticed() -> bool:
        sweep_fleet(world.stack)
        return bool(tenant.door.got("/v1/meters/breaks", printer_id=made)["items"])

    eventually(noticed, "the break")
    return made


def usage(tenant: Tenant, printer_id: str, **query: str) -> Json:
    """What the printer counted since it was first read."""
    first = (datetime.now(UTC) - timedelta(days=DAYS + 1)).date().isoformat()
    given = {"printer_id": printer_id, "from": first} | query
    (printer,) = tenant.door.got("/v1/meters/usages", **given)["items"]
    (counter,) = printer["counters"]
    return dict(counter)


def test_a_break_is_held_until_somebody_decides_and_then_counts(tenant: Tenant, printer_id: str) -> None:
    (held,) = tenant.door.got("/v1/meters/breaks", printer_id=printer_id)["items"]
    assert (held["status"], held["last_before"], held["first_after"], held["usage"]) == ("held", 84_210, 12, None)
    before = usage(tenant, printer_id)
    assert (before["usage"], before["held_breaks"]) == (100 * (DAYS - 3) + 50, [held["break_id"]])
    path = f"/v1/meters/breaks/{held['break_id']}/decisions"
    wanted = {"printer_id": printer_id, "cause": "reset", "decided_by": "Ada", "reason": "firmware", "start_value": 0}

    refused = problem_of(tenant.door.ask("POST", path, wanted | {"final_value": 84_000}))
    decided = tenant.door.made(path, wanted | {"final_value": 84_260})
    again = problem_of(tenant.door.ask("POST", path, wanted | {"final_value": 84_260}))

    assert refused["errors"][0]["pointer"] == "/final_value"
    assert (decided["status"], decided["decided"], decided["usage"]) == ("accepted", "person", 62)
    assert (again["status"], again["code"]) == (409, "already_decided")
    after = usage(tenant, printer_id)
    assert (after["usage"], after["held_breaks"]) == (before["usage"] + 62, [])


def test_a_manual_read_counts_and_is_marked_as_of_its_day(tenant: Tenant, printer_id: str) -> None:
    now = datetime.now(UTC)
    wanted = {
        "printer_id": printer_id,
        "taken_at": now.isoformat(),
        "counters": {"life_count": 140},
        "read_by": "Ada",
        "reason": "Month end",
        "evidence": "Photo 4711",
    }

    read = tenant.door.made("/v1/meters/reads", wanted)
    earlier = (now - timedelta(seconds=1)).isoformat()
    same = problem_of(tenant.door.ask("POST", "/v1/meters/reads", wanted | {"counters": {"life_count": 99_000}}))
    held = tenant.door.made("/v1/meters/reads", wanted | {"taken_at": earlier, "counters": {"life_count": 99_000}})
    latest = tenant.door.got("/v1/meters/as-of", printer_id=printer_id)["readings"][0]
    past = (now - timedelta(days=2)).astimezone(NEW_YORK).date().isoformat()
    older = tenant.door.got("/v1/meters/as-of", printer_id=printer_id, day=past)["readings"][0]
    listed = tenant.door.got("/v1/meters/reads", printer_id=printer_id)["items"]

    assert (same["status"], same["code"]) == (409, "read_exists")
    assert (read["verdict"], held["verdict"], held["checks"][0]["finding"]) == ("accepted", "held", "unexpected_volume")
    assert (latest["kind"], latest["value"], latest["read_id"]) == ("manual", 140, read["read_id"])
    assert (older["kind"], older["value"], older["epoch"]) == ("automatic", 12, 1)
    assert {each["evidence"] for each in listed} == {"Photo 4711"}


def test_parts_of_a_span_add_up_to_the_whole(tenant: Tenant, printer_id: str) -> None:
    today = datetime.now(UTC).date()
    cut = today - timedelta(days=5)

    early = usage(tenant, printer_id, to=cut.isoformat())
    late = usage(tenant, printer_id, **{"from": (cut + timedelta(days=1)).isoformat()})

    assert early["usage"] + late["usage"] == usage(tenant, printer_id)["usage"]


def test_days_without_a_count_are_explained(tenant: Tenant, printer_id: str) -> None:
    """Read every day but today: what is missing is days before it was known, and today, unless it was read by hand."""
    first = (datetime.now(UTC) - timedelta(days=DAYS + 5)).date().isoformat()

    gaps = tenant.door.got("/v1/meters/gaps", printer_id=printer_id, **{"from": first})

    assert gaps["days_missing"] == sum(each["days"] for each in gaps["gaps"])
    assert gaps["gaps"][0]["first_day"] == first
    reads = tenant.door.got("/v1/meters/reads", printer_id=printer_id)["items"]
    by_hand = {each["day"] for each in reads if each["verdict"] == "accepted"}
    *before, today = gaps["gaps"] if gaps["last_day"] not in by_hand else [*gaps["gaps"], None]
    assert [each["reason"] for each in before] == ["not_yet_discovered"]
    assert today is None or today["reason"] in {"not_over", "site_closed"}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_comes_in_parts_that_make_the_whole(tenant: Tenant, printer_id: str, form: str) -> None:
    query = {"format": form, "limit": "1", "organization_id": tenant.ids["organization_id"]}
    parts, cursor = [], None
    while True:
        answer = tenant.door.ask("GET", "/v1/meters/exports", params=query | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        parts.append(answer.text)
        cursor = answer.headers.get("x-next-cursor")
        if cursor is None:
            break

    whole = "".join(parts)
    rows = (
        list(csv.DictReader(io.StringIO(whole))) if form == "csv" else [json.loads(each) for each in whole.splitlines()]
    )
    assert len(parts) >= 2
    assert {tenant.ids["printer_id"], printer_id} <= {row["printer_id"] for row in rows}
    assert "application/jsonl" in answer.headers["content-type"] or form == "csv"


def test_a_reading_that_comes_late_moves_a_break_to_where_it_was(world: World, tenant: Tenant) -> None:
    agent = another_agent(tenant)

    def sent(number: int, ago: int, value: int) -> str:
        taken = fresh(f"late-{number}", "METERED-2", ago=timedelta(days=ago), life_count=value, level=None)
        return str(agent.send(taken, seq=number)["outcomes"][0]["printer_id"])

    def breaks() -> list[tuple[str, int, int]]:
        sweep_fleet(world.stack)
        items = tenant.door.got("/v1/meters/breaks", printer_id=made)["items"]
        return [(each["day"], each["last_before"], each["first_after"]) for each in items]

    def day(ago: int) -> str:
        return (datetime.now(UTC) - timedelta(days=ago)).astimezone(NEW_YORK).date().isoformat()

    sent(1, 6, 1_000)
    made = sent(2, 2, 7)
    eventually(lambda: breaks() == [(day(2), 1_000, 7)], "the break")

    sent(3, 4, 3)

    eventually(lambda: breaks() == [(day(4), 1_000, 3)], "the break where it was")


def test_the_dictionary_names_every_counter_with_its_unit(tenant: Tenant) -> None:
    items = {each["name"]: each for each in tenant.door.got("/v1/counters")["counters"]}

    assert items["life_count"]["source"] == "standard"
    assert (items["mono_impressions"]["unit"], items["mono_impressions"]["source"]) == ("impressions", "profile")
    assert items["power_on_count"]["restarts"] is True
