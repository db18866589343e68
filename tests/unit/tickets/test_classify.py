"""From alert rows to classes: the acceptance tests of ALR-06 and ALR-07, and the completeness of the table."""

from datetime import timedelta

import pytest

from functions.tickets.alerts.classify import classify, logical_key
from functions.tickets.alerts.codes import CODE_RULES, GROUP_RULES, Delay
from functions.tickets.table.models import AlertClass, CallType, Family
from shared.wire.reading import Alert

MINUTE = timedelta(minutes=1)


def alert(code: int | None, group: str = "generalPrinter", **fields: object) -> Alert:
    return Alert.model_validate(
        {"index": "1.7", "code": code, "group": group, "severity": "critical", "training_level": "untrained", **fields}
    )


def test_a_stapler_jam_is_the_jam_of_a_finisher() -> None:
    """AT-ALR-01."""
    found = classify(alert(30208, "finDevice"))

    assert (found.alert_class, found.family, found.call_type) == (AlertClass.OP, Family.FINISHER, None)


@pytest.mark.parametrize("training", ["untrained", "trained", "fieldService"])
def test_an_empty_tray_is_never_dispatched(training: str) -> None:
    """AT-ALR-02."""
    for code in (13, 808):
        found = classify(alert(code, "input", training_level=training))

        assert (found.alert_class, found.delay, found.call_type) == (AlertClass.OP, None, None)


def test_an_empty_supply_is_the_supplies_contexts_work() -> None:
    """AT-ALR-03."""
    assert classify(alert(13, "markerSupplies")).alert_class is AlertClass.SUP


def test_a_recoverable_failure_goes_to_a_technician_when_the_maker_says_so() -> None:
    """AT-ALR-04."""
    field_service = classify(alert(29, training_level="fieldService"))
    untrained = classify(alert(29, training_level="untrained"))
    trained = classify(alert(29, training_level="trained"))

    assert field_service.call_type is CallType.CORRECTIVE
    assert untrained.alert_class is AlertClass.OP
    assert trained.call_type is CallType.PHONE_FIX


def test_a_page_that_is_too_complex_opens_nothing() -> None:
    """AT-ALR-11."""
    assert classify(alert(1509, "interpreter")).delay is None


def test_a_code_nobody_knows_goes_to_triage_with_its_number() -> None:
    """AT-ALR-12."""
    found = classify(alert(4711))

    assert (found.alert_class, found.name, found.call_type) == (AlertClass.TRI, "unassigned(4711)", CallType.PHONE_FIX)


@pytest.mark.parametrize(("code", "minutes", "priority"), [(1004, 5, 2), (1001, 30, 3), (30, 5, 2), (36, 10, 2)])
def test_a_failure_is_a_technicians_call_after_its_delay(code: int, minutes: int, priority: int) -> None:
    found = classify(alert(code, "marker"))

    assert found.call_type is CallType.CORRECTIVE
    assert found.delay == Delay(minutes * MINUTE)
    assert found.priority == priority


@pytest.mark.parametrize("code", [35, 36, 38, 1001, 1002, 1003, 1004])
def test_heat_is_one_family(code: int) -> None:
    assert classify(alert(code, "marker")).family is Family.FUSER_THERMAL


def test_a_sleeping_printer_has_no_problem() -> None:
    sleeping = Alert(index="1.1", code=0, severity="unassigned(0)", group="unassigned(0)", description="Sleep")

    assert classify(sleeping).alert_class is AlertClass.INFO
    assert classify(alert(23)).alert_class is AlertClass.INFO


def test_a_preventive_call_opens_only_where_a_technician_does_the_work() -> None:
    by_customer = classify(alert(11, "marker", training_level="trained"))
    by_technician = classify(alert(11, "marker", training_level="fieldService"))

    assert by_customer.call_type is None
    assert by_technician.call_type is CallType.PREVENTIVE


def test_a_reboot_that_renumbers_the_rows_leaves_the_problem_the_same() -> None:
    """AT-ALR-05."""
    before = alert(8, "mediaPath", index="1.57", location=3, group_index=1)
    after = alert(8, "mediaPath", index="1.2", location=3, group_index=1)

    assert logical_key(before) == logical_key(after)


def test_every_code_that_opens_a_call_has_a_delay_a_priority_and_a_class() -> None:
    rules = [*CODE_RULES.values(), *(rule for groups in GROUP_RULES.values() for rule in groups.values())]

    for rule in rules:
        together = (rule.delay is None, rule.priority is None, rule.call_class is None)
        assert len(set(together)) == 1, rule.name
    assert len(CODE_RULES) > 80


def test_a_kyocera_that_saves_energy_is_no_technicians_call() -> None:
    """ALR-06 step 1: under temperature, as a mere warning without a text, is how it rests."""
    resting = alert(1001, "marker", severity="warningBinaryChangeEvent", description="")

    assert classify(resting, "Kyocera").call_type is None
    assert classify(resting, "Lexmark").call_type is CallType.CORRECTIVE


@pytest.mark.parametrize("fields", [{"severity": "critical"}, {"description": "C6000"}, {"code": 1002}])
def test_a_kyocera_that_says_more_is_taken_at_its_word(fields: dict[str, object]) -> None:
    resting = {"code": 1001, "severity": "warningBinaryChangeEvent", "description": ""}
    said = alert(**{**resting, "group": "marker", **fields})  # type: ignore[arg-type] # fields of different types

    assert classify(said, "Kyocera").call_type is CallType.CORRECTIVE
