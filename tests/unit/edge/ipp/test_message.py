import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ipp.attributes import REQUESTED_ATTRIBUTES
from edge.ipp.message import MAX_ITEMS, MalformedAnswer, read_answer, request_octets
from local.printers.clock import WallClock
from local.printers.fleet import model_printer
from local.printers.ipp_encoding import (
    END,
    JOB_GROUP,
    PRINTER_GROUP,
    Attribute,
    Syntax,
    answer_octets,
    attribute,
    read_request,
)
from local.printers.ipp_state import ipp_attributes
from local.printers.models.catalogue import MODELS

HEADER = struct.pack(">BBHI", 2, 0, 0, 1)
REAL = answer_octets(ipp_attributes(model_printer(MODELS[4], clock=WallClock())))


def value(tag: int, name: str, content: bytes) -> bytes:
    return bytes([tag]) + sized(name.encode()) + sized(content)


def sized(content: bytes) -> bytes:
    return struct.pack(">H", len(content)) + content


def printer(*values: bytes) -> bytes:
    return HEADER + bytes([PRINTER_GROUP]) + b"".join(values) + bytes([END])


STATE = value(Syntax.ENUM, "printer-state", struct.pack(">i", 3))


def test_the_request_names_the_listed_attributes_and_nothing_else() -> None:
    request = read_request(request_octets("ipp://10.0.0.5/ipp/print", request_id=7))

    assert (request.version, request.operation, request.request_id) == ((2, 0), 0x000B, 7)
    assert request.attributes.pop("requested-attributes") == list(REQUESTED_ATTRIBUTES)  # type: ignore[attr-defined] # a dict
    assert request.attributes == {
        "attributes-charset": ["utf-8"],
        "attributes-natural-language": ["en"],
        "printer-uri": ["ipp://10.0.0.5/ipp/print"],
        "requesting-user-name": ["platen-agent"],
    }


def test_nothing_of_jobs_users_or_documents_is_on_the_list() -> None:
    words = ("job", "user", "document", "owner", "contact", "message-from", "uri", "all")

    assert [name for name in REQUESTED_ATTRIBUTES if any(word in name.split("-") for word in words)] == []


def test_every_kind_of_value_is_read() -> None:
    answer = read_answer(
        answer_octets(
            {
                "printer-state": attribute(Syntax.ENUM, 4),
                "printer-up-time": attribute(Syntax.INTEGER, 77),
                "marker-levels": attribute(Syntax.INTEGER, 55, -3),
                "printer-make-and-model": attribute(Syntax.TEXT_WITH_LANGUAGE, "HP LaserJet"),
                "printer-location": attribute(Syntax.TEXT, b"B\xfcro 5"),
                "printer-impressions-completed-col": attribute(Syntax.COLLECTION, {"monochrome": 5, "full-color": 2}),
                "printer-serial-number": attribute(Syntax.NO_VALUE, b""),
            }
        )
    )

    found = answer.attributes
    assert answer.is_success
    assert found.number("printer-state") == 4
    assert found.number("printer-up-time") == 77
    assert found.numbers("marker-levels") == [55, -3]
    assert found.text("printer-make-and-model") == b"HP LaserJet"
    assert found.text("printer-location") == b"B\xfcro 5"  # not UTF-8, and kept
    assert found.collection("printer-impressions-completed-col") == {"monochrome": 5, "full-color": 2}
    assert found.text("printer-serial-number") is None
    assert found.unreadable == frozenset()


def test_what_was_not_asked_for_is_dropped() -> None:
    answer = read_answer(
        answer_octets(
            {
                "printer-state": attribute(Syntax.ENUM, 3),
                "job-name": attribute(Syntax.NAME, "Dismissal of A. Nybody.docx"),
                "printer-contact-col": attribute(Syntax.COLLECTION, {"phone": 4711}),
            }
        )
    )

    assert answer.attributes.items == {"printer-state": [3]}


def test_jobs_and_a_second_printer_are_dropped() -> None:
    job = bytes([JOB_GROUP]) + value(Syntax.TEXT, "printer-location", b"of a job")
    second = bytes([PRINTER_GROUP]) + value(Syntax.TEXT, "printer-location", b"of another")

    answer = read_answer(HEADER + job + bytes([PRINTER_GROUP]) + STATE + second + bytes([END]))

    assert answer.attributes.items == {"printer-state": [3]}


@pytest.mark.parametrize(
    "bad",
    [
        value(Syntax.INTEGER, "printer-up-time", b"\0\0\0\0\0\0\0\1"),
        value(Syntax.INTEGER, "printer-up-time", b""),
        value(Syntax.BOOLEAN, "printer-up-time", b"\0\0"),
        value(0x31, "printer-up-time", b"\0" * 11),
        value(0x7F, "printer-up-time", b"extension"),
        value(Syntax.TEXT_WITH_LANGUAGE, "printer-up-time", b"\0\xff"),
        value(Syntax.TEXT_WITH_LANGUAGE, "printer-up-time", sized(b"en") + sized(b"text") + b"more"),
        value(0x34, "printer-up-time", b"") + value(0x4A, "", b"m") + value(0x41, "", b"t") + value(0x37, "", b""),
        value(0x34, "printer-up-time", b"") + value(0x4A, "", b"m") + value(0x21, "", b"") + value(0x37, "", b""),
        value(0x34, "printer-up-time", b"") + value(0x34, "", b"") + value(0x37, "", b"") + value(0x37, "", b""),
    ],
)
def test_an_attribute_that_cannot_be_read_costs_itself_alone(bad: bytes) -> None:
    location = value(Syntax.TEXT, "printer-location", b"Room 5")

    answer = read_answer(printer(STATE, bad, location))

    assert answer.attributes.items == {"printer-state": [3], "printer-location": [b"Room 5"]}
    assert answer.attributes.unreadable == {"printer-up-time"}


def test_a_state_that_the_standard_does_not_have_is_unreadable() -> None:
    answer = read_answer(printer(value(Syntax.ENUM, "printer-state", struct.pack(">i", 99))))

    assert answer.attributes.unreadable == {"printer-state"}


def test_an_attribute_with_very_many_values_is_cut_to_a_bound() -> None:
    answer = read_answer(answer_octets({"marker-levels": Attribute(Syntax.INTEGER, tuple(range(5_000)))}))

    assert answer.attributes.numbers("marker-levels") == list(range(MAX_ITEMS))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        HEADER,
        HEADER + bytes([PRINTER_GROUP]) + STATE,  # no end
        HEADER + bytes([PRINTER_GROUP]) + STATE[:-1],
        HEADER + bytes([PRINTER_GROUP, 0x41]) + b"\xff\xff" + b"x" * 70_000,  # pyipp takes this length for -1
        printer(value(0x34, "printer-up-time", b""), STATE),  # a collection without its end
        printer(STATE * 25_000),
        printer(value(0x34, "x", b"") * 25_000),
        HEADER + b"\x04" * 70_000,
        printer(value(Syntax.TEXT, "printer-location", b"x" * 40_000)),  # longer than RFC 8010 lets a value be
    ],
)
def test_a_broken_form_is_refused(message: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read_answer(message)


@given(st.binary(max_size=400))
def test_any_octets_are_an_answer_or_refused(tail: bytes) -> None:
    try:
        read_answer(HEADER + tail)
    except MalformedAnswer:
        return


@given(st.data())
def test_mutated_answers_raise_nothing_undeclared(data: st.DataObject) -> None:
    octets = bytearray(REAL)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(octets) - 1))
        match data.draw(st.sampled_from(["flip", "drop", "grow", "cut"])):
            case "flip":
                octets[at] = data.draw(st.integers(0, 255))
            case "drop":
                del octets[at]
            case "grow":
                octets[at:at] = data.draw(st.binary(min_size=1, max_size=8))
            case _:
                del octets[max(at, 9) :]
    try:
        answer = read_answer(bytes(octets))
    except MalformedAnswer:
        return
    assert answer.attributes.items.keys() <= REQUESTED_ATTRIBUTES.keys()
