"""What a page of printers costs does not grow with the fleet: the real list on a store that counts."""

import pytest

from bench.listing import LISTS, PAGE, measured_of

FEW, MANY = 100, 3_000


@pytest.fixture(scope="module")
def costs() -> dict[int, dict[str, tuple[float, float, float]]]:
    return {size: measured_of(size) for size in (FEW, MANY)}


@pytest.mark.parametrize("name", LISTS)
def test_a_page_of_fifty_of_many_printers_costs_what_it_costs_of_a_hundred(
    costs: dict[int, dict[str, tuple[float, float, float]]], name: str
) -> None:
    (requests, units, _), (few_requests, few_units, _) = (costs[size][name] for size in (MANY, FEW))

    assert PAGE < units <= 1.1 * few_units
    assert requests <= few_requests
