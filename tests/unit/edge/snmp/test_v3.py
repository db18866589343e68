"""Whatever octets come as SNMP v3: a frame, nothing that counts, or a declared error."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message
from pysnmp.proto.secmod.rfc3414.service import UsmSecurityParameters

from edge.snmp.ber import Frame, MalformedReply, encoded, encoded_integer
from edge.snmp.codec import RequestKind, prepare_pdu
from edge.snmp.usm import Reported, SecuredRequest
from edge.snmp.usm_engine import Engine
from edge.snmp.usm_keys import local_keys
from edge.snmp.v3 import (
    AUTH_FLAG,
    PRIV_FLAG,
    REPORTABLE_FLAG,
    Security,
    cut_scoped,
    cut_secured,
    framed,
    scoped_pdu,
    speaks_v3,
)
from tests.support.edge import binding_octets, reply_octets
from tests.support.v3_engine import ENGINE_ID, NAME, FakeEngine, v3_set

MUTATIONS = 20_000 if settings.get_current_profile_name() == "nightly" else 300
OFFICE = v3_set()
PDU = FakeEngine.pdu(0xA2, 0x0100_0001, binding_octets(NAME, encoded(0x04, b"printer")))
LEVEL = AUTH_FLAG | PRIV_FLAG
SOUND = FakeEngine().message(0x0100_0001, PDU, user=OFFICE, level=LEVEL)
UNSIGNED = FakeEngine().message(0x0100_0001, PDU, user=None, level=0)
changes = st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), max_size=6)


def opened(octets: bytes) -> Frame | Reported | None:
    """What the asker makes of a message, its own declared report included."""
    engine = Engine(ENGINE_ID, 3, 1_000, lambda: 0.0)
    request = SecuredRequest(prepare_pdu(RequestKind.GET, (NAME,)), OFFICE, local_keys(OFFICE, ENGINE_ID), engine)
    try:
        return request.opened(cut_secured(octets))
    except Reported as report:
        return report


def test_a_signed_and_encrypted_answer_is_opened() -> None:
    frame = opened(SOUND)

    assert isinstance(frame, Frame)
    assert (frame.request_id, frame.bindings) == (0x0100_0001, [binding_octets(NAME, encoded(0x04, b"printer"))])


def test_octets_after_the_message_are_ignored() -> None:
    assert isinstance(opened(SOUND + b"\0\0\0"), Frame)


@given(
    message_id=st.integers(0, 2**31 - 1),
    level=st.sampled_from([0, AUTH_FLAG, LEVEL]),
    security=st.builds(
        Security,
        st.binary(max_size=32),
        st.integers(0, 2**31 - 1),
        st.integers(0, 2**31 - 1),
        st.binary(max_size=32),
        st.sampled_from([b"", bytes(12), bytes(48)]),
        st.sampled_from([b"", b"saltsalt"]),
    ),
    context=st.binary(max_size=200),
)
def test_a_message_is_what_pysnmp_reads_and_is_cut_as_it_was_framed(
    message_id: int, level: int, security: Security, context: bytes
) -> None:
    scoped = scoped_pdu(security.engine_id, context, PDU)

    octets, signature_at = framed(message_id, level | REPORTABLE_FLAG, security, scoped)
    frame = cut_secured(octets)

    message, rest = decoder.decode(octets, asn1Spec=SNMPv3Message())
    parameters, _ = decoder.decode(message[2].asOctets(), asn1Spec=UsmSecurityParameters())
    parts = [parameters[at] for at in range(len(security))]
    assert not rest
    assert speaks_v3(octets)
    assert (int(message[1][0]), message[1][2].asOctets()[0]) == (message_id, level | REPORTABLE_FLAG)
    assert [part.asOctets() if hasattr(part, "asOctets") else int(part) for part in parts] == list(security)
    assert (frame.message_id, frame.flags, frame.security) == (message_id, level | REPORTABLE_FLAG, security)
    assert (frame.signature_at, frame.scoped, frame.octets) == (signature_at, scoped, octets)


def test_other_versions_do_not_speak_v3() -> None:
    assert not speaks_v3(reply_octets(1, []))
    assert not any(speaks_v3(SOUND[:kept]) for kept in range(4))


@pytest.mark.parametrize("kept", range(len(SOUND)))
def test_a_message_cut_short_anywhere_is_malformed(kept: int) -> None:
    with pytest.raises(MalformedReply):
        cut_secured(SOUND[:kept])


@pytest.mark.parametrize(
    "security",
    [
        Security(bytes(65), 1, 1, b""),
        Security(ENGINE_ID, 1, 1, bytes(256)),
        Security(ENGINE_ID, 1, 1, b"", bytes(65)),
        Security(ENGINE_ID, 1, 1, b"", b"", bytes(17)),
        Security(ENGINE_ID, 2**31, 1, b""),
        Security(ENGINE_ID, 1, 2**31, b""),
    ],
)
def test_a_security_parameter_out_of_its_bounds_is_malformed(security: Security) -> None:
    octets, _ = framed(1, 0, security, scoped_pdu(b"", b"", PDU))

    with pytest.raises(MalformedReply):
        cut_secured(octets)


def test_another_security_model_or_encrypted_without_a_signature_is_malformed() -> None:
    unsigned, _ = framed(1, PRIV_FLAG, Security(ENGINE_ID, 1, 1, b""), scoped_pdu(b"", b"", PDU))

    with pytest.raises(MalformedReply, match="not a v3 message"):
        cut_secured(unsigned)
    with pytest.raises(MalformedReply, match="not a v3 message"):
        cut_secured(SOUND.replace(b"\x04\x01\x03\x02\x01\x03", b"\x04\x01\x03\x02\x01\x02", 1))


@settings(max_examples=MUTATIONS)
@given(changes, st.integers(0, len(SOUND)), st.sampled_from([SOUND, UNSIGNED]))
@example([(0, 0)], 0, SOUND)
def test_a_mutated_message_counts_for_nothing_and_raises_nothing_but_malformed_reply(
    mutations: list[tuple[int, int]], cut_at: int, sound: bytes
) -> None:
    octets = bytearray(sound)
    for at, value in mutations:
        octets[at % len(octets)] = value

    for mutated in (bytes(octets), bytes(octets[:cut_at]), bytes(octets[cut_at:] + octets[:cut_at])):
        if mutated == SOUND or mutated[: len(SOUND)] == SOUND:
            continue
        try:
            outcome = opened(mutated)
        except MalformedReply:
            continue
        assert outcome is None or isinstance(outcome, Reported)


@settings(max_examples=MUTATIONS)
@given(changes, st.integers(0, 60), st.sampled_from([0, AUTH_FLAG, LEVEL]))
def test_what_is_malformed_behind_a_right_signature_raises_nothing_else(
    mutations: list[tuple[int, int]], cut_at: int, level: int
) -> None:
    scoped = bytearray(scoped_pdu(ENGINE_ID, b"", PDU))
    for at, value in mutations:
        scoped[at % len(scoped)] = value
    engine = FakeEngine()

    for mutated in (bytes(scoped), bytes(scoped[:cut_at]), encoded_integer(1)):
        octets = engine.message_around(0x0100_0001, mutated, user=OFFICE, level=level)
        try:
            outcome = opened(octets)
        except MalformedReply:
            continue
        assert outcome is None or isinstance(outcome, Frame | Reported)


@given(st.binary(max_size=300))
def test_any_octets_are_a_frame_or_malformed(octets: bytes) -> None:
    for each in (octets, b"\x30\x82" + len(octets).to_bytes(2, "big") + b"\x02\x01\x03" + octets):
        speaks_v3(each)
        for take in (cut_secured, cut_scoped):
            try:
                take(each)
            except MalformedReply:
                continue
