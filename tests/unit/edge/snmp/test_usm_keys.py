import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.snmp.ber import MalformedReply
from edge.snmp.credentials import AuthProtocol, PrivProtocol
from edge.snmp.usm_keys import local_keys
from tests.support.v3_engine import ENGINE_ID, v3_set

MAPLE = "maplesyrup"
MAPLE_ENGINE = bytes(11) + b"\x02"
SIGNATURE_OCTETS = {"MD5": 12, "SHA": 12, "SHA-224": 16, "SHA-256": 24, "SHA-384": 32, "SHA-512": 48}


@pytest.mark.parametrize(
    ("auth", "key"),
    [  # RFC 3414 A.3.1 and A.3.2
        (AuthProtocol.MD5, "526f5eed9fcce26f8964c2930787d82b"),
        (AuthProtocol.SHA1, "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_keys_are_those_of_the_standard(auth: AuthProtocol, key: str) -> None:
    keys = local_keys(v3_set(auth=auth, priv=None, auth_password=MAPLE), MAPLE_ENGINE)

    assert keys._auth_key.hex() == key


@pytest.mark.parametrize(
    ("auth", "priv", "key"),
    [
        (AuthProtocol.MD5, PrivProtocol.DES, "526f5eed9fcce26f8964c2930787d82b"),
        (AuthProtocol.SHA1, PrivProtocol.AES128, "6695febc9288e36282235fc7151f1284"),
        # draft-reeder-snmpv3-usm-3desede B.1 and B.2, cut to the cipher's length
        (
            AuthProtocol.MD5,
            PrivProtocol.AES256_CISCO,
            "526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0a3a40abfac5acc12",
        ),
        (AuthProtocol.SHA1, PrivProtocol.AES192_CISCO, "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78"),
        # draft-blumenthal-aes-usm-04 section 3.1.2.1: the hash of the key goes on behind it
        (AuthProtocol.SHA1, PrivProtocol.AES192, "6695febc9288e36282235fc7151f128497b38f3f505e07eb"),
    ],
)
def test_a_longer_key_is_extended_as_its_protocol_says(auth: AuthProtocol, priv: PrivProtocol, key: str) -> None:
    keys = local_keys(v3_set(auth=auth, priv=priv, priv_password=MAPLE), MAPLE_ENGINE)

    assert bytes(keys._priv_key).hex() == key


@pytest.mark.parametrize("auth", AuthProtocol)
@given(head=st.binary(max_size=80), tail=st.binary(max_size=80))
def test_a_signed_message_is_found_signed_and_a_changed_one_is_not(
    auth: AuthProtocol, head: bytes, tail: bytes
) -> None:
    keys = local_keys(v3_set(auth=auth, priv=None), ENGINE_ID)
    size = keys.signature_octets

    message = keys.sign(head + bytes(size) + tail, len(head))
    signature = message[len(head) : len(head) + size]
    changed = bytes([message[0] ^ 1]) + message[1:]

    assert size == SIGNATURE_OCTETS[auth]
    assert message == head + signature + tail
    assert keys.signed(message, len(head), signature)
    assert not keys.signed(changed, len(head), changed[len(head) : len(head) + size])
    assert not keys.signed(message, len(head), signature[:-1])


@pytest.mark.parametrize("priv", PrivProtocol)
@given(octets=st.binary(min_size=1, max_size=1_400), boots=st.integers(0, 2**31 - 2), time=st.integers(0, 2**31 - 2))
def test_what_is_encrypted_is_decrypted_again_and_no_salt_comes_twice(
    priv: PrivProtocol, octets: bytes, boots: int, time: int
) -> None:
    keys = local_keys(v3_set(priv=priv), ENGINE_ID)

    encrypted, salt = keys.encrypt(octets, boots, time)
    again, other_salt = keys.encrypt(octets, boots, time)

    assert keys.decrypt(encrypted, boots, time, salt)[: len(octets)] == octets
    assert salt != other_salt
    assert len(octets) < 8 or (encrypted != again and octets not in encrypted)


@pytest.mark.parametrize("priv", PrivProtocol)
@given(octets=st.binary(max_size=40), salt=st.binary(max_size=16))
def test_what_cannot_be_decrypted_is_malformed(priv: PrivProtocol, octets: bytes, salt: bytes) -> None:
    keys = local_keys(v3_set(priv=priv), ENGINE_ID)

    try:
        decrypted = keys.decrypt(octets, 1, 2, salt)
    except MalformedReply:
        return
    assert (len(decrypted), len(salt)) == (len(octets), 8)


def test_keys_are_worked_out_once_for_a_set_and_an_engine() -> None:
    assert local_keys(v3_set(), ENGINE_ID) is local_keys(v3_set(), ENGINE_ID)
    assert local_keys(v3_set(), ENGINE_ID) is not local_keys(v3_set(), ENGINE_ID + b"2")


def test_keys_show_nothing_of_themselves() -> None:
    keys = local_keys(v3_set(), ENGINE_ID)

    assert keys._auth_key.hex() not in repr(keys)
    assert "secret" not in repr(v3_set()) + v3_set().described()
