"""What reading is measured on, and what snmp_exporter is told to return of it."""

import asyncio
from collections.abc import Iterator
from statistics import mean

import pytest

from bench.exporter_metrics import metrics_of, samples_in, values_in, wanted_of
from bench.fleets import Fleet, many_printers
from bench.independent import SUBTREES
from bench.multifunction import VALUES
from bench.polls import answers_kept
from bench.printer_process import StandingClock
from edge.snmp.answers import Answers
from edge.snmp.oids import IF_PHYS_ADDRESS, SYS_DESCR, dotted
from edge.snmp.targets import Target
from local.printers.printer import SimulatedPrinter
from tests.support.edge import MemoryTransport, memory_reader


def answers_of(printer: SimulatedPrinter) -> Answers:
    """What the agent keeps of a printer that it knows already."""
    transport = MemoryTransport({})
    transport.view = printer.view()
    reader, target = memory_reader(transport), Target("192.0.2.1")
    with answers_kept() as kept:
        for _ in range(2):
            asyncio.run(reader.read(target))
    return kept[str(target)]


@pytest.fixture(scope="module")
def large() -> list[Answers]:
    return [answers_of(printer) for printer in many_printers(3, 0, StandingClock(), Fleet.LARGE)]


def test_the_large_fleet_has_as_many_values_as_the_targets_were_set_with(large: list[Answers]) -> None:
    assert mean(values_in(answers.columns) for answers in large) == pytest.approx(VALUES, abs=0.5)


def test_every_value_is_below_one_of_the_five_subtrees_that_the_others_walk(large: list[Answers]) -> None:
    columns = {column for answers in large for column in answers.columns}

    assert len(SUBTREES) == 5
    assert {column for column in columns if not any(column[: len(tree)] == tree for tree in SUBTREES)} == set()
    for tree in SUBTREES:
        assert any(column[: len(tree)] == tree for column in columns)


def test_every_column_of_the_readings_is_a_metric_and_nothing_else_is(large: list[Answers]) -> None:
    metrics = {metric["oid"]: metric for metric in metrics_of(wanted_of(large))}

    assert set(metrics) == {dotted(column) for answers in large for column, rows in answers.columns.items() if rows}
    assert metrics[dotted(SYS_DESCR)]["indexes"] == []
    assert metrics[dotted(SYS_DESCR)]["type"] == "DisplayString"
    assert metrics[dotted(IF_PHYS_ADDRESS)]["type"] == "PhysAddress48"
    assert len({metric["name"] for metric in metrics.values()}) == len(metrics)


def test_values_are_counted_without_what_is_said_of_the_scrape() -> None:
    page = '# HELP object_1_3 1.3\nobject_1_3{index_0="1"} 5\nobject_1_3 6\nsnmp_scrape_pdus_returned 7\n'

    assert samples_in(page) == 2


@pytest.mark.parametrize("fleet", Fleet)
def test_printers_of_each_fleet_have_identities_of_their_own(fleet: Fleet) -> None:
    printers = many_printers(30, 3, StandingClock(), fleet)

    serials = list(_told(printers))
    assert len(serials) == len(set(serials))
    assert sum(printer.silent for printer in printers) == 3


def _told(printers: list[SimulatedPrinter]) -> Iterator[str]:
    return (printer.identity.serial for printer in printers if printer.identity.serial)
