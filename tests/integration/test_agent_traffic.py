"""The count of what the agent puts on a network, which the security page quotes."""

import asyncio
from datetime import timedelta

import pytest

from edge.spool.changes import Cause
from local.traffic import IP_AND_UDP_OCTETS, Snmp, Traffic, day_of_traffic, lines


@pytest.fixture(scope="module")
def traffic() -> Traffic:
    return asyncio.run(day_of_traffic(timedelta(hours=1)))


def test_a_datagram_counts_with_its_headers_once() -> None:
    counted = Snmp()
    counted.add(b"four")

    assert counted.taken() == Snmp(1, 4 + IP_AND_UDP_OCTETS)
    assert counted == Snmp(0, 0)


def test_every_printer_is_polled_after_each_interval(traffic: Traffic) -> None:
    assert len(traffic.first_polls) == traffic.printers > 10
    assert len(traffic.polls) == 24 * traffic.printers


def test_a_later_poll_costs_less_than_the_first(traffic: Traffic) -> None:
    first, later = (sum(one.octets for one in polls) / len(polls) for polls in (traffic.first_polls, traffic.polls))

    assert 0 < later < first


def test_every_report_is_of_a_cause_and_in_an_upload(traffic: Traffic) -> None:
    later = sum(len(sizes) for cause, sizes in traffic.single.items() if cause is not Cause.FIRST)

    assert len(traffic.single[Cause.FIRST]) == traffic.printers
    assert later == traffic.readings >= len(traffic.uploads) > 0


def test_a_poll_and_an_upload_stay_in_the_order_of_what_the_page_tells(traffic: Traffic) -> None:
    assert max(one.octets for one in (*traffic.first_polls, *traffic.polls)) <= 10_000
    assert max(size for sizes in traffic.single.values() for size in sizes) <= 2_000


def test_the_figures_are_told(traffic: Traffic) -> None:
    told = "\n".join(lines(traffic))

    assert f"{traffic.printers} simulated printers" in told
    assert f"with {traffic.readings} readings" in told
