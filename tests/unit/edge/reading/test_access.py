"""What is remembered of a printer: bounds, ageing, moving, and a file that survives whatever happens to it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from edge.reading.access import ASKED_AGAIN_AFTER, MOST_SKIPPED, AccessPlan
from edge.reading.access_memory import FILE_NAME, MAX_PRINTERS, AccessMemory, fingerprint_of, printer_key
from shared.wire.reading import Identity
from tests.support.edge import NOON

HERE, THERE = "10.0.0.5", "10.0.0.6"


def learnt(memory: AccessMemory, target: str = HERE, key: str | None = "HP/CN1") -> AccessPlan:
    plan = memory.recognise(target, key)
    plan.answers_to("office")
    plan.learn(NOON, bulk=False, most_names=8)
    plan.skip((1, 3, 6, 1), NOON)
    return plan


def saved(folder: Path) -> Path:
    memory = AccessMemory(folder / FILE_NAME)
    learnt(memory)
    memory.save(at_once=True)
    return folder / FILE_NAME


def test_plans_are_kept_across_restarts(tmp_path: Path) -> None:
    path = saved(tmp_path)

    plan = AccessMemory(path).plan_of(HERE)

    assert (plan.credentials, plan.bulk, plan.most_names) == ("office", False, 8)
    assert plan.skipped == {(1, 3, 6, 1): NOON}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 2, "printers": {}, "addresses": {}}',
        b'{"version": 1, "printers": {"a": 1}, "addresses": {}}',
        b'{"version": 1, "printers": {"a": {"most_names": "many"}}, "addresses": {}}',
        b'{"version": 1, "printers": {"a": {"skipped": {"1.x": "never"}}}, "addresses": {}}',
        b'{"version": 1, "printers": {"a": {"learnt_at": "2026-01-01T00:00:00"}}, "addresses": {}}',
        b"[" * 100_000,
    ],
)
def test_a_file_that_cannot_be_read_is_begun_anew_and_logged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(content)

    with structlog.testing.capture_logs() as logs:
        memory = AccessMemory(path)

    assert memory.plan_of(HERE) == AccessPlan()
    assert [entry["log_level"] for entry in logs] == ["warning"]


@given(cut=st.integers(min_value=0, max_value=400), flip=st.integers(min_value=0, max_value=255))
def test_a_torn_file_never_stops_the_agent(tmp_path_factory: pytest.TempPathFactory, cut: int, flip: int) -> None:
    path = saved(tmp_path_factory.mktemp("state"))
    content = bytearray(path.read_bytes())
    content[cut % len(content)] ^= flip
    path.write_bytes(bytes(content[: max(1, len(content) - cut // 2)]))

    with structlog.testing.capture_logs():
        plan = AccessMemory(path).plan_of(HERE)

    assert 1 <= plan.most_names <= AccessPlan().most_names
    assert plan.timeout_seconds is None or 0 < plan.timeout_seconds <= 30


def test_a_disk_that_refuses_is_logged_once_and_costs_nothing_else(tmp_path: Path) -> None:
    memory = AccessMemory(tmp_path / "no such folder" / FILE_NAME)
    plan = learnt(memory)

    with structlog.testing.capture_logs() as logs:
        memory.save(at_once=True)
        memory.save(at_once=True)

    assert len(logs) == 1
    assert plan.changed


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    path = saved(tmp_path)
    path.unlink()

    memory = AccessMemory(path)
    memory.plan_of(HERE)
    memory.save(at_once=True)

    assert not path.exists()


def test_a_plan_follows_the_printer_to_another_address() -> None:
    memory = AccessMemory()
    plan = learnt(memory)

    assert memory.recognise(THERE, "HP/CN1") is plan


def test_another_printer_at_the_address_begins_with_a_plan_of_its_own() -> None:
    memory = AccessMemory()
    plan = learnt(memory)

    other = memory.recognise(HERE, "HP/CN2")

    assert other.bulk
    assert other.credentials == "office"
    assert memory.recognise(THERE, "HP/CN1") is plan


def test_what_was_learnt_by_address_becomes_the_printers_when_its_serial_number_is_known() -> None:
    memory = AccessMemory()
    plan = learnt(memory, key=None)

    assert memory.recognise(HERE, "HP/CN1") is plan
    assert memory.recognise(THERE, "HP/CN1") is plan


def test_the_memory_is_bounded_and_the_longest_unused_go_first() -> None:
    memory = AccessMemory()
    first = memory.plan_of("first")
    second = memory.plan_of("second")
    for number in range(MAX_PRINTERS - 2):
        memory.plan_of(str(number))
    memory.plan_of("first")
    memory.plan_of("one more")

    assert len(memory) == MAX_PRINTERS
    assert memory.plan_of("first") is first
    assert memory.plan_of("second") is not second


def test_limits_are_dropped_after_a_week_and_the_credential_set_is_not() -> None:
    plan = learnt(AccessMemory())

    plan.review(NOON + ASKED_AGAIN_AFTER - timedelta(seconds=1))
    assert not plan.bulk
    plan.review(NOON + ASKED_AGAIN_AFTER)

    assert (plan.bulk, plan.skipped, plan.credentials) == (True, {}, "office")


def test_limits_are_dropped_when_the_clock_went_back() -> None:
    plan = learnt(AccessMemory())

    plan.review(NOON - timedelta(days=1))

    assert plan.bulk


def test_limits_are_dropped_with_another_firmware_and_kept_with_the_same() -> None:
    before = Identity(manufacturer="HP", model="M1", firmware="1.0", serial_number="CN1")
    after = before.model_copy(update={"firmware": "2.0"})
    plan = learnt(AccessMemory())
    plan.review(NOON, fingerprint_of(before))

    plan.review(NOON, fingerprint_of(before))
    assert not plan.bulk
    plan.review(NOON, fingerprint_of(after))

    assert plan.bulk


def test_objects_left_out_are_bounded() -> None:
    plan = AccessPlan()
    for number in range(MOST_SKIPPED + 5):
        plan.skip((1, 3, number), NOON + timedelta(seconds=number))

    assert len(plan.skipped) == MOST_SKIPPED
    assert (1, 3, 0) not in plan.skipped


def test_a_printer_without_a_serial_number_has_no_key() -> None:
    assert printer_key(Identity(manufacturer="HP")) is None
    assert printer_key(Identity(manufacturer="HP", serial_number="CN1")) == "HP/CN1"


def test_the_file_holds_names_and_limits_only(tmp_path: Path) -> None:
    document = json.loads(saved(tmp_path).read_text("utf-8"))

    assert set(document) == {"version", "printers", "addresses"}
    assert document["addresses"] == {HERE: "HP/CN1"}
    assert set(document["printers"]["HP/CN1"]) == {"credentials", "bulk", "most_names", "learnt_at", "skipped"}
