"""Hostile and clumsy uploads to the deployed template: refused by name, and what is good is stored all the same."""

import gzip
import os
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from shared.wire.base import MAX_READINGS_PER_UPLOAD
from shared.wire.upload import reading_body
from tests.support.deployed import ApiAgent, Json, Tenant, World, another_agent, fresh, problem_of
from tests.support.ingest import packed, upload_body

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

NESTED: Final = b"[" * 20_000 + b"]" * 20_000
PLAIN: Final = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def tenant(world: World) -> Tenant:
    return world.tenants[0]


@pytest.fixture(scope="module")
def agent(tenant: Tenant) -> ApiAgent:
    return another_agent(tenant)


def envelope(**changes: Any) -> Json:  # noqa: ANN401 - any field of an upload
    return upload_body(fresh("r1", "BAD-1"), seq=900, sent_at=datetime.now(UTC)) | changes


@pytest.mark.parametrize(
    ("content", "headers", "status", "code", "pointer"),
    [
        pytest.param(b"", {}, 400, "damaged_gzip", None, id="nothing"),
        pytest.param(b"hello", {}, 400, "damaged_gzip", None, id="no gzip"),
        pytest.param(packed(envelope())[:-20], {}, 400, "damaged_gzip", None, id="cut short"),
        pytest.param(packed(envelope()) * 2, {}, 400, "damaged_gzip", None, id="two members"),
        pytest.param(gzip.compress(b"0" * 50_000_000), {}, 413, "upload_too_large", None, id="a bomb"),
        pytest.param(os.urandom(2_000_000), {}, 413, "upload_too_large", None, id="too large packed"),
        pytest.param(b" " * 1_048_577, PLAIN, 413, "upload_too_large", None, id="too large plain"),
        pytest.param(
            b"{}",
            PLAIN | {"content-encoding": "br"},
            400,
            "unknown_encoding",
            "header:Content-Encoding",
            id="another encoding",
        ),
        pytest.param(b'{"boot_id":', PLAIN, 400, "not_json", None, id="broken JSON"),
        pytest.param(b'{"seq":NaN}', PLAIN, 400, "not_json", None, id="not a number"),
        pytest.param(gzip.compress(NESTED), {}, 400, "not_json", None, id="nested"),
        pytest.param(b"\xff\xfe", PLAIN, 400, "not_json", None, id="no UTF-8"),
        pytest.param(packed([]), {}, 422, "invalid_upload", "/", id="a list"),
        pytest.param(packed(envelope(schema_version=2)), {}, 422, "unknown_schema_version", "/schema_version", id="v2"),
        pytest.param(packed(envelope(readings=[])), {}, 422, "invalid_upload", "/readings", id="no readings"),
        pytest.param(
            packed(envelope(readings=[{}] * (MAX_READINGS_PER_UPLOAD + 1))),
            {},
            422,
            "invalid_upload",
            "/readings",
            id="too many readings",
        ),
        pytest.param(packed(envelope(readings=[7])), {}, 422, "invalid_upload", "/readings/0", id="no reading"),
        pytest.param(packed(envelope(boot_id="a/b")), {}, 422, "invalid_upload", "/boot_id", id="a boot id"),
        pytest.param(packed(envelope(seq=-1)), {}, 422, "invalid_upload", "/seq", id="a negative number"),
        pytest.param(
            packed(envelope(sent_at="9999-12-31T23:59:59-14:00")),
            {},
            422,
            "invalid_upload",
            "/sent_at",
            id="a time without UTC",
        ),
    ],
)
def test_an_upload_that_cannot_be_read_is_refused_and_says_why(
    agent: ApiAgent, content: bytes, headers: dict[str, str], status: int, code: str, pointer: str | None
) -> None:
    problem = problem_of(agent.post(content, **headers))

    assert (problem["status"], problem["code"]) == (status, code)
    assert pointer is None or [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"taken_at": (datetime.now(UTC) + timedelta(hours=25)).isoformat()}, "/taken_at: more than 1 day"),
        ({"taken_at": (datetime.now(UTC) - timedelta(days=36)).isoformat()}, "/taken_at: older than 35 days"),
        ({"taken_at": "0001-01-01T00:00:00+14:00"}, "/taken_at: "),
        ({"taken_at": "2026-11-22T18:20:21"}, "/taken_at: not a time with its zone"),
        ({"reading_id": "a b"}, "/reading_id: "),
        ({"identity": None}, "/identity: "),
        ({"identity": {"mac_address": "nonsense"}}, "/identity/mac_address: "),
        ({"counters": [{"name": "life_count", "value": -1}]}, "/counters/0/value: "),
        ({"counters": [{"name": "life_count", "value": 2**63}]}, "/counters/0/value: "),
        ({"supplies": [{"index": "1.1", "percent": 101}]}, "/supplies/0/percent: "),
        ({"supplies": [{"index": "1.1"}] * 65}, "/supplies: "),
        ({"alerts": [{"index": "1.1", "raised_at": "0001-01-01T00:00:00+14:00"}]}, "/alerts/0/raised_at: "),
        ({"missing": {"": "not_answered"}}, "/missing"),
    ],
)
def test_a_bad_reading_is_rejected_by_name_and_its_neighbours_are_stored(
    agent: ApiAgent, changes: Json, reason: str, request: pytest.FixtureRequest
) -> None:
    number = request.node.callspec.indices["changes"]
    good = [reading_body(fresh(f"good-{number}-{side}", f"GOOD-{number}-{side}")) for side in ("left", "right")]
    bad = reading_body(fresh(f"bad-{number}", f"BAD-{number}")) | changes

    response = agent.post(packed(envelope(seq=1_000 + number, readings=[good[0], bad, good[1]])))

    outcomes = response.json()["outcomes"]
    assert response.status_code == 200
    assert [outcome["outcome"] for outcome in outcomes] == ["stored", "rejected", "stored"]
    assert outcomes[1]["reason"].startswith(reason)


def test_odd_but_valid_numbers_and_texts_are_stored_and_shown(tenant: Tenant, agent: ApiAgent) -> None:
    odd = {
        "supplies": [
            {"index": "1.1", "level_state": "percent", "percent": 1e-200, "level": 2**62, "max_capacity": -(2**63)},
            {"index": "1.2", "description": "\x00\u202e🖨", "serial_number": "", "part_number": "#"},
        ],
        "counters": [{"name": "life_count", "value": 2**63 - 1}],
        "alerts": [{"index": "1.1", "code": 2**62, "group": "", "raised_at": "0001-01-02T00:00:00Z"}],
        "uptime_ticks": 2**32 - 1,
    }
    body = reading_body(fresh("odd", "ODD-1")) | odd

    (outcome,) = agent.post(packed(envelope(seq=2_000, readings=[body]))).json()["outcomes"]

    printer = tenant.door.got(f"/v1/printers/{outcome['printer_id']}")
    assert outcome["outcome"] == "stored"
    assert printer["life_count"] == 2**63 - 1
    assert [row["percent"] for row in printer["supply_rows"]] == [0, None]
    assert printer["alert_rows"][0]["raised_at"].startswith("0001-01-02")


def test_batches_replayed_and_out_of_order_leave_what_is_stored(tenant: Tenant, agent: ApiAgent) -> None:
    batches = [fresh(f"in-order-{n}", "ORDER-1", ago=timedelta(minutes=9 - n), life_count=100 + n) for n in range(4)]
    first = [agent.send(batch, seq=3_000 + n) for n, batch in enumerate(batches)]
    path = f"/v1/printers/{first[0]['outcomes'][0]['printer_id']}"
    before = tenant.door.got(path)

    again = [agent.send(batch, seq=3_000 + n) for n, batch in reversed(list(enumerate(batches)))]
    under_other_numbers = [agent.send(batch, seq=4_000 + n) for n, batch in enumerate(batches)]

    after = tenant.door.got(path)
    del before["communication_age_seconds"], after["communication_age_seconds"]
    assert again[0]["outcomes"] == first[-1]["outcomes"]
    printers = {(each["outcomes"][0]["printer_id"], each["outcomes"][0]["outcome"]) for each in again[1:]}
    assert printers == {(first[0]["outcomes"][0]["printer_id"], "superseded")}
    assert {each["outcomes"][0]["outcome"] for each in under_other_numbers} == {"superseded", "duplicate"}
    assert after == before
    assert after["life_count"] == 103
