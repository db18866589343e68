"""How often the simulated printers print."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.site_day import EVENLY, IN_FEW_HOURS, IN_OFFICE_HOURS, Printing

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
QUARTERS = [MONDAY + timedelta(minutes=15) * each for each in range(7 * 24 * 4)]


@pytest.mark.parametrize("printing", [EVENLY, IN_OFFICE_HOURS, IN_FEW_HOURS])
def test_the_shares_of_a_week_have_the_stated_mean(printing: Printing) -> None:
    shares = [printing.share(each) for each in QUARTERS]

    assert sum(shares) / len(shares) == pytest.approx(printing.mean)


@pytest.mark.parametrize(("printing", "hours"), [(EVENLY, 0.40), (IN_FEW_HOURS, 0.12)])
def test_the_share_of_hours_with_printing_is_as_documented(printing: Printing, hours: float) -> None:
    without = (1 - printing.share(MONDAY)) ** 4

    assert 1 - without == pytest.approx(hours, abs=0.001)
