from typing import Any

import pytest
from pydantic import ValidationError

from edge.config.snmp import SnmpSettings
from edge.snmp.credentials import AuthProtocol, PrivProtocol

SIGNING, HIDING, COMMUNITY = "signing-secret", "hiding-secret", "s3cret-community"
V3 = {
    "name": "floor 3",
    "version": "3",
    "user": "reader",
    "auth_protocol": "SHA-256",
    "auth_password": SIGNING,
    "priv_protocol": "AES-128",
    "priv_password": HIDING,
}
OLD = {"name": "old", "version": "1", "community": COMMUNITY}


def settings(*sets: dict[str, Any], **others: object) -> SnmpSettings:
    return SnmpSettings.model_validate({"credentials": list(sets), **others})


def test_sets_are_tried_v3_first_then_the_community_then_v1() -> None:
    tried = settings(OLD, V3, community=COMMUNITY).credential_sets()

    assert [(each.name, each.version) for each in tried] == [("floor 3", "3"), ("community", "2c"), ("old", "1")]
    assert (tried[0].auth, tried[0].priv) == (AuthProtocol.SHA256, PrivProtocol.AES128)
    assert (tried[0].auth_password, tried[0].priv_password, tried[2].community) == (SIGNING, HIDING, COMMUNITY)


def test_a_site_that_says_nothing_is_asked_with_public_and_one_with_sets_is_not() -> None:
    assert [each.community for each in settings().credential_sets()] == ["public"]
    assert [each.name for each in settings(OLD).credential_sets()] == ["old"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("sha256", "SHA-256"), ("SHA_512", "SHA-512"), ("sha1", "SHA"), ("Md5", "MD5"), ("SHA-224", "SHA-224")],
)
def test_a_signature_protocol_is_read_as_people_write_it(written: str, meant: str) -> None:
    [only] = settings({**V3, "auth_protocol": written}).credential_sets()

    assert only.auth == meant


@pytest.mark.parametrize(
    ("written", "meant"), [("aes", "AES-128"), ("AES256", "AES-256"), ("aes-192-c", "AES-192-C"), ("des", "DES")]
)
def test_a_cipher_is_read_as_people_write_it(written: str, meant: str) -> None:
    [only] = settings({**V3, "priv_protocol": written}).credential_sets()

    assert only.priv == meant


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"auth_password": "tiny pw"}, "has not 8 to 255 characters"),
        ({"priv_password": "x" * 256}, "has not 8 to 255 characters"),
        ({"auth_protocol": "SHA-3"}, "'SHA-512'"),
        ({"auth_password": None}, "auth_protocol and auth_password belong together"),
        ({"priv_protocol": None}, "priv_protocol and priv_password belong together"),
        ({"auth_protocol": None, "auth_password": None}, "encryption needs signing"),
        ({"user": None}, "version 3 needs a user"),
        ({"user": "x" * 33}, "32"),
        ({"community": COMMUNITY}, "version 3 has a user, no community"),
        ({"version": "2c"}, "version 2c needs a community"),
        ({"version": "2c", "community": COMMUNITY}, "has a community only"),
        ({"version": "2c", "community": "", "user": None}, "has not 1 to 255 octets"),
        ({"targets": ["10.0.0.9-5"]}, "the range ends before it begins"),
        ({"targets": ["10.0.0.0/33"]}, "write a block as"),
        ({"targets": [" "]}, "an entry is empty"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_set_that_cannot_work_is_refused_with_the_fix_and_no_secret(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings({**V3, **change})

    assert complaint in str(refused.value)
    assert not any(secret in str(refused.value) for secret in (SIGNING, HIDING, COMMUNITY, "tiny pw"))


def test_a_set_may_be_for_more_addresses_than_can_be_searched() -> None:
    [only] = settings({**V3, "targets": ["10.0.0.0/8", "fd00::/16"]}).credential_sets()

    assert only.targets == ("10.0.0.0/8", "fd00::/16")


def test_two_sets_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="the name 'old' is given twice"):
        settings(OLD, OLD)
