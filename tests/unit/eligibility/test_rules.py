"""The nine statuses (ELG-01)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agent_versions import is_at_least
from shared.eligibility.rules import Circumstances, count_statuses, evaluate
from shared.eligibility.statuses import EligibilityStatus

REQUIRED = "1.10.0"
ELIGIBLE = Circumstances(
    managed=False,
    pending=False,
    registered=True,
    max_lifetime_count=250_000,
    agent_version="1.10.0",
    lifetime_count=1_000,
    has_contact=True,
)
ONE_OF_EACH = {
    EligibilityStatus.ALREADY_MANAGED: replace(ELIGIBLE, managed=True),
    EligibilityStatus.PENDING: replace(ELIGIBLE, pending=True),
    EligibilityStatus.REGISTRATION_FAILED: replace(ELIGIBLE, registered=False),
    EligibilityStatus.MODEL_UNSUPPORTED: replace(ELIGIBLE, max_lifetime_count=None),
    EligibilityStatus.AGENT_DOWNLEVEL: replace(ELIGIBLE, agent_version="1.9.4"),
    EligibilityStatus.LPC_MISSING: replace(ELIGIBLE, lifetime_count=None),
    EligibilityStatus.LPC_EXCEEDED: replace(ELIGIBLE, lifetime_count=250_001),
    EligibilityStatus.NO_CONTACT: replace(ELIGIBLE, has_contact=False),
    EligibilityStatus.ELIGIBLE: ELIGIBLE,
}
circumstances = st.builds(
    Circumstances,
    managed=st.booleans(),
    pending=st.booleans(),
    registered=st.booleans(),
    max_lifetime_count=st.none() | st.integers(1, 500_000),
    agent_version=st.none() | st.sampled_from(["1.9.4", "1.10.0", "2", "what"]),
    lifetime_count=st.none() | st.integers(0, 600_000),
    has_contact=st.booleans(),
)


@pytest.mark.parametrize(
    ("printer", "status", "blockers"),
    [
        pytest.param(
            replace(ELIGIBLE, managed=True, has_contact=False),
            EligibilityStatus.ALREADY_MANAGED,
            [EligibilityStatus.NO_CONTACT],
            id="AT-ELG-01 managed and no contact",
        ),
        pytest.param(
            replace(ELIGIBLE, pending=True, max_lifetime_count=None),
            EligibilityStatus.PENDING,
            [EligibilityStatus.MODEL_UNSUPPORTED],
            id="AT-ELG-02 pending, unsupported",
        ),
        pytest.param(
            replace(ELIGIBLE, agent_version="1.9.4", lifetime_count=None, has_contact=False),
            EligibilityStatus.AGENT_DOWNLEVEL,
            [EligibilityStatus.LPC_MISSING, EligibilityStatus.NO_CONTACT],
            id="AT-ELG-03 old agent, count null, no contact",
        ),
        pytest.param(
            replace(ELIGIBLE, lifetime_count=250_000),
            EligibilityStatus.ELIGIBLE,
            [],
            id="AT-ELG-04 count equal to the maximum",
        ),
        pytest.param(
            replace(ELIGIBLE, lifetime_count=250_001, has_contact=False),
            EligibilityStatus.LPC_EXCEEDED,
            [EligibilityStatus.NO_CONTACT],
            id="AT-ELG-05 one over the maximum, no contact",
        ),
        pytest.param(
            replace(ELIGIBLE, registered=False, max_lifetime_count=None),
            EligibilityStatus.REGISTRATION_FAILED,
            [EligibilityStatus.MODEL_UNSUPPORTED],
            id="AT-ELG-06 unsupported model and failed registration",
        ),
    ],
)
def test_the_first_failing_check_is_the_status_and_the_others_are_blockers(
    printer: Circumstances, status: EligibilityStatus, blockers: list[EligibilityStatus]
) -> None:
    verdict = evaluate(printer, REQUIRED)

    assert verdict.status is status
    assert list(verdict.blockers) == blockers


def test_ten_printers_one_of_each_and_a_second_eligible_are_counted_two_and_eight_ones() -> None:
    selection = [*ONE_OF_EACH.values(), ELIGIBLE]

    counts = count_statuses(evaluate(printer, REQUIRED).status for printer in selection)

    assert counts == {**dict.fromkeys(EligibilityStatus, 1), EligibilityStatus.ELIGIBLE: 2}
    assert sum(counts.values()) == 10


def test_counts_name_all_nine_statuses_even_of_no_printer() -> None:
    assert count_statuses([]) == dict.fromkeys(EligibilityStatus, 0)
    assert len(EligibilityStatus) == 9


@given(circumstances)
def test_status_and_blockers_are_in_order_of_precedence_and_never_repeat(printer: Circumstances) -> None:
    verdict = evaluate(printer, REQUIRED)

    ranks = [list(EligibilityStatus).index(status) for status in (verdict.status, *verdict.blockers)]
    assert ranks == sorted(set(ranks))
    assert EligibilityStatus.ELIGIBLE not in verdict.blockers


@given(circumstances)
def test_mending_every_blocker_makes_a_printer_eligible(printer: Circumstances) -> None:
    mended = replace(
        printer,
        managed=False,
        pending=False,
        registered=True,
        max_lifetime_count=printer.max_lifetime_count or 1,
        agent_version=REQUIRED,
        lifetime_count=0,
        has_contact=True,
    )

    assert evaluate(mended, REQUIRED).status is EligibilityStatus.ELIGIBLE


@pytest.mark.parametrize(
    ("version", "required", "enough"),
    [
        ("1.10", "1.9", True),
        ("1.9", "1.10", False),
        ("1.10.0", "1.10", True),
        ("1.10", "1.10.0", True),
        ("1.10", "1.10.1", False),
        ("0.1.0+site", "0.1.0", True),
        ("2", "1.99.99", True),
        (None, "0.0.1", False),
        ("unknown", "0.0.1", False),
        ("", "0.0.1", False),
    ],
)
def test_versions_compare_as_numbers(version: str | None, required: str, *, enough: bool) -> None:
    assert is_at_least(version, required) is enough


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4), st.lists(st.integers(0, 99), min_size=1, max_size=4))
def test_of_two_versions_at_least_one_is_not_below_the_other(one: list[int], two: list[int]) -> None:
    first, second = ".".join(map(str, one)), ".".join(map(str, two))

    assert is_at_least(first, second) or is_at_least(second, first)
    assert is_at_least(first, first)
