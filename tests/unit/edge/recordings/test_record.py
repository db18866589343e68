import asyncio
from dataclasses import replace

from edge.recordings.record import RECORD_LIMITS, Recorded, record
from edge.recordings.recording import Row
from edge.recordings.redaction import LeftOut
from edge.snmp.codec import Oid
from edge.snmp.credentials import PUBLIC
from edge.snmp.oids import parse_oid
from edge.snmp.session import Session
from edge.snmp.subtree import get_rows, walk_subtree
from local.printers.messages import Operation
from local.printers.rows import Value, counter, integer, object_id, text
from tests.support.edge import MemoryTransport, plain_printer
from tests.support.recordings import typed

ACME: Oid = parse_oid("1.3.6.1.4.1.99999")
JOBS: Oid = parse_oid("1.3.6.1.4.1.1347.47.6")


def made(rows: dict[Oid, Value], *, also: tuple[Oid, ...] = ()) -> tuple[Recorded, MemoryTransport]:
    transport, codec = typed(rows)

    async def run() -> Recorded:
        return await record(Session(transport, ("10.0.0.5", 161), PUBLIC, RECORD_LIMITS), codec, also=also)

    return asyncio.run(run()), transport


def asked(transport: MemoryTransport) -> set[Oid]:
    return {name for request in transport.requests for name in request.oids}


def walked(transport: MemoryTransport, root: Oid, *, most_rows: int = 100) -> tuple[int, bool]:
    async def run() -> tuple[int, bool]:
        session = Session(transport, ("10.0.0.5", 161), PUBLIC, replace(RECORD_LIMITS, retries=0))
        rows, ended = await walk_subtree(session, root, most_rows=most_rows)
        return len(rows), ended

    return asyncio.run(run())


def test_a_recording_holds_what_a_reading_needs_with_its_types() -> None:
    recorded, _ = made(plain_printer())

    assert recorded.rows[parse_oid("1.3.6.1.2.1.43.10.2.1.4.1.1")] == Row(65, 7_001)
    assert recorded.rows[parse_oid("1.3.6.1.2.1.2.2.1.6.2")] == Row(4, b"\x00\x1b\x78\x01\x02\x03")
    assert recorded.rows[parse_oid("1.3.6.1.2.1.1.3.0")].tag == 67
    assert recorded.profile is not None
    assert recorded.profile.manufacturer == "HP"
    assert recorded.cut_short == []


def test_who_is_responsible_is_never_asked_and_the_host_name_is_left_out() -> None:
    recorded, transport = made(plain_printer())

    contact = parse_oid("1.3.6.1.2.1.1.4")
    assert not any(name[: len(contact)] == contact for name in asked(transport))
    assert recorded.left_out == {LeftOut.HOST_NAME: 1}
    assert parse_oid("1.3.6.1.2.1.1.5.0") not in recorded.rows


def test_of_a_makers_objects_only_the_profiles_are_recorded() -> None:
    duplex, other = "1.3.6.1.4.1.11.2.3.9.4.2.1.4.1.2.22.0", "1.3.6.1.4.1.11.2.3.9.4.2.1.4.1.2.99.0"
    recorded, _ = made(plain_printer() | {parse_oid(duplex): integer(5), parse_oid(other): integer(6)})

    assert parse_oid(duplex) in recorded.rows
    assert parse_oid(other) not in recorded.rows


def test_a_subtree_of_an_unknown_maker_is_recorded_when_it_is_named() -> None:
    unknown = plain_printer() | {
        parse_oid("1.3.6.1.2.1.1.1.0"): text("ACME Printer 5"),
        parse_oid("1.3.6.1.2.1.1.2.0"): object_id((*ACME, 1)),
        parse_oid("1.3.6.1.2.1.25.3.2.1.3.1"): text("Printer 5"),
        (*ACME, 2, 1, 0): counter(9),
    }

    assert (*ACME, 2, 1, 0) not in made(unknown)[0].rows
    assert made(unknown, also=(ACME,))[0].rows[(*ACME, 2, 1, 0)] == Row(65, 9)
    assert made(unknown)[0].profile is None


def test_kyoceras_list_of_jobs_is_not_asked_for() -> None:
    kyocera = plain_printer() | {
        parse_oid("1.3.6.1.2.1.1.1.0"): text("KYOCERA Document Solutions Printing System"),
        (*JOBS, 1, 1, 4, 1): text("Dismissal.docx"),
    }

    recorded, transport = made(kyocera)

    assert recorded.profile is not None
    assert recorded.profile.manufacturer == "Kyocera"
    assert not any(name[: len(JOBS)] == JOBS for name in asked(transport) | recorded.rows.keys())


def test_a_walk_ends_at_its_subtrees_end_and_says_so() -> None:
    rows = {(*ACME, 1, row): integer(row) for row in range(60)} | {(*ACME, 2, 1): integer(1)}

    assert walked(MemoryTransport(rows), (*ACME, 1)) == (60, True)
    assert walked(MemoryTransport(rows), (*ACME, 2)) == (1, True)
    assert walked(MemoryTransport(rows), (*ACME, 1), most_rows=7) == (7, False)


def test_a_printer_that_cannot_answer_many_rows_is_asked_for_fewer() -> None:
    transport = MemoryTransport({(*ACME, 1, row): integer(row) for row in range(20)})
    transport.lose = lambda request: request.operation is Operation.GET_BULK and request.max_repetitions > 1

    assert walked(transport, (*ACME, 1)) == (20, True)


def test_a_silent_subtree_and_a_name_that_does_not_increase_end_a_walk_without_its_end() -> None:
    silent = MemoryTransport({})
    silent.lose = lambda _request: True
    stuck = MemoryTransport({(*ACME, 1, row): integer(row) for row in range(1, 4)})
    stuck.mangle = lambda datagram: datagram.replace(bytes((1, 3, 0x02)), bytes((1, 1, 0x02)))

    assert walked(silent, ACME) == (0, False)
    assert walked(stuck, (*ACME, 1)) == (2, False)


def test_a_printer_that_falls_silent_is_soon_asked_for_nothing_more() -> None:
    transport, codec = typed(plain_printer())
    transport.lose = lambda _request: len(transport.requests) > 3

    async def run() -> Recorded:
        session = Session(transport, ("10.0.0.5", 161), PUBLIC, replace(RECORD_LIMITS, retries=0))
        return await record(session, codec)

    recorded = asyncio.run(run())

    assert parse_oid("1.3.6.1.2.1.1.1.0") in recorded.rows
    assert len(recorded.cut_short) > 20
    assert len(transport.requests) < 30


def test_single_objects_that_do_not_exist_are_no_rows_of_a_recording() -> None:
    transport, codec = typed({(*ACME, 1, 0): integer(4)})

    async def run() -> list[Row]:
        session = Session(transport, ("10.0.0.5", 161), PUBLIC, RECORD_LIMITS)
        found = await get_rows(session, [(*ACME, 1, 0), (*ACME, 2, 0)])
        return [row for name, value in found if (row := codec.row(name, value)) is not None]

    assert asyncio.run(run()) == [Row(2, 4)]
