import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder
from pysnmp.proto import api

from local.printers import messages
from local.printers.ber import MalformedMessageError
from local.printers.messages import Operation
from local.printers.rows import MibView, Oid, integer, octets
from tests.support.printers import request_octets

TABLE: Oid = (1, 3, 6, 1, 2, 1, 43, 11, 1, 1)
VIEW = MibView(
    {(*TABLE, column, 1, row): octets(bytes(40) + bytes((column, row))) for column in (6, 7) for row in range(1, 31)}
    | {(*TABLE, 9, 1, 1): integer(-3)}
)


def answered(request: bytes, *, max_response: int = 1_400) -> tuple[int, int, list[tuple[Oid, str]]]:
    decoded = messages.decode_request(request)
    response = messages.answer(VIEW, decoded, max_response=max_response)
    assert len(response) <= max_response
    protocol = api.PROTOCOL_MODULES[decoded.version]
    message, rest = decoder.decode(response, asn1Spec=protocol.Message())
    assert not rest
    pdu = protocol.apiMessage.get_pdu(message)
    assert int(protocol.apiPDU.get_request_id(pdu)) == 4711
    bindings = [(tuple(name), type(value).__name__) for name, value in protocol.apiPDU.get_varbinds(pdu)]
    return (
        int(protocol.apiPDU.get_error_status(pdu)),
        int(protocol.apiPDU.get_error_index(pdu, muteErrors=True)),
        bindings,
    )


def test_get_answers_what_is_there_and_marks_what_is_not() -> None:
    request = request_octets(Operation.GET, (*TABLE, 9, 1, 1), (*TABLE, 9, 1, 2), (1, 3, 7, 7, 7))

    assert answered(request) == (
        0,
        0,
        [
            ((*TABLE, 9, 1, 1), "Integer"),
            ((*TABLE, 9, 1, 2), "NoSuchInstance"),
            ((1, 3, 7, 7, 7), "NoSuchObject"),
        ],
    )


def test_getnext_past_the_last_row_says_end_of_mib_view() -> None:
    request = request_octets(Operation.GET_NEXT, (*TABLE, 9, 1, 1))

    assert answered(request) == (0, 0, [((*TABLE, 9, 1, 1), "EndOfMibView")])


def test_version_one_names_the_binding_that_does_not_exist() -> None:
    request = request_octets(Operation.GET, (*TABLE, 9, 1, 1), (1, 3, 7, 7), version=messages.V1)

    status, index, bindings = answered(request)

    assert (status, index) == (2, 2)
    assert [oid for oid, _ in bindings] == [(*TABLE, 9, 1, 1), (1, 3, 7, 7)]


def test_getbulk_is_cut_to_what_fits_and_stays_in_order() -> None:
    request = request_octets(Operation.GET_BULK, (*TABLE, 6), max_repetitions=50)

    status, _, bindings = answered(request, max_response=500)

    assert status == 0
    assert [oid for oid, _ in bindings] == [(*TABLE, 6, 1, row) for row in range(1, len(bindings) + 1)]
    assert 5 <= len(bindings) < 30


def test_getbulk_takes_non_repeaters_once_and_interleaves_the_columns() -> None:
    request = request_octets(
        Operation.GET_BULK, (*TABLE, 9), (*TABLE, 6), (*TABLE, 7), non_repeaters=1, max_repetitions=2
    )

    _, _, bindings = answered(request)

    assert [oid[len(TABLE) :] for oid, _ in bindings] == [(9, 1, 1), (6, 1, 1), (7, 1, 1), (6, 1, 2), (7, 1, 2)]


def test_getbulk_ends_when_every_column_has_ended() -> None:
    request = request_octets(Operation.GET_BULK, (*TABLE, 9), max_repetitions=1_000)

    assert [kind for _, kind in answered(request)[2]] == ["Integer", "EndOfMibView"]


@pytest.mark.parametrize(("version", "kept"), [(messages.V1, 30), (messages.V2C, 0)])
def test_a_get_that_does_not_fit_is_too_big(version: int, kept: int) -> None:
    oids = [(*TABLE, 6, 1, row) for row in range(1, 31)]

    status, _, bindings = answered(request_octets(Operation.GET, *oids, version=version), max_response=1_000)

    assert status == 1
    assert len(bindings) == kept


@given(st.integers(0, 80), st.integers(200, 1_400))
def test_a_walk_by_getbulk_sees_every_row_whatever_the_step_and_the_room(step: int, room: int) -> None:
    found: list[Oid] = []
    oid = TABLE
    while True:
        bindings = answered(request_octets(Operation.GET_BULK, oid, max_repetitions=step + 1), max_response=room)[2]
        rows = [row for row, kind in bindings if kind != "EndOfMibView"]
        found += rows
        if len(rows) < len(bindings):
            break
        oid = rows[-1]

    assert found == list(VIEW)


SOUND = request_octets(Operation.GET, (*TABLE, 9, 1, 1))


@given(st.binary(max_size=200) | st.integers(0, len(SOUND) - 1).map(lambda size: SOUND[:size]))
def test_garbage_is_refused_and_never_breaks_the_decoder(datagram: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        messages.decode_request(datagram)


@given(st.integers(0, len(SOUND) - 1), st.integers(0, 255))
def test_one_wrong_octet_either_decodes_or_is_refused(position: int, octet: int) -> None:
    datagram = SOUND[:position] + bytes((octet,)) + SOUND[position + 1 :]
    try:
        request = messages.decode_request(datagram)
    except MalformedMessageError:
        return
    assert len(messages.answer(VIEW, request)) <= 1_400


@pytest.mark.parametrize(
    "request_",
    [
        request_octets(Operation.GET_BULK, TABLE, version=messages.V1),
        request_octets(Operation.GET, TABLE, version=3),
        request_octets(Operation.GET, *[TABLE] * 257),
    ],
    ids=["bulk in version 1", "version 3", "too many bindings"],
)
def test_what_a_printer_does_not_serve_is_refused(request_: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        messages.decode_request(request_)
