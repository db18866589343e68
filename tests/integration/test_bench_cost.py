"""A fleet is counted alike, whichever was counted before it in the same process."""

from bench.cost import counted
from bench.sample import sample_readings
from bench.site_day import IN_FEW_HOURS


def test_a_second_fleet_costs_what_the_first_did() -> None:
    readings = sample_readings(2)

    first, again = (counted(readings, 60, IN_FEW_HOURS) for _ in range(2))

    assert first.uploads == again.uploads > 0
    assert first.read_units == again.read_units
    assert first.write_units == again.write_units
    assert first.log_octets / first.uploads > 300, "the line of an upload is in it"
    assert abs(first.log_octets - again.log_octets) < first.uploads
