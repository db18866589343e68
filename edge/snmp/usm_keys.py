"""Keys and ciphers of the user-based security model, in pysnmp's hands (RFC 3414, RFC 3826, RFC 7860).

pysnmp turns passwords into keys, localises them and encrypts. Signatures are the standard library's HMAC: it is told
where the signature stands in the message, where pysnmp searches for its octets (and finds them too early behind an
engine id that ends in zeros), and it compares in constant time. No exception of pysnmp leaves this room.
"""

import hmac
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pyasn1.type import univ
from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel

from edge.snmp.ber import MalformedReply
from edge.snmp.credentials import AuthProtocol, CredentialSet, PrivProtocol

_USM: Final = (1, 3, 6, 1, 6, 3, 10, 1)
_CISCO: Final = (1, 3, 6, 1, 4, 1, 9, 12, 6, 1)


class _Signing(NamedTuple):
    service: tuple[int, ...]
    hash_name: str
    octets: int


_SIGNINGS: Final = {
    AuthProtocol.MD5: _Signing((*_USM, 1, 2), "md5", 12),
    AuthProtocol.SHA1: _Signing((*_USM, 1, 3), "sha1", 12),
    AuthProtocol.SHA224: _Signing((*_USM, 1, 4), "sha224", 16),
    AuthProtocol.SHA256: _Signing((*_USM, 1, 5), "sha256", 24),
    AuthProtocol.SHA384: _Signing((*_USM, 1, 6), "sha384", 32),
    AuthProtocol.SHA512: _Signing((*_USM, 1, 7), "sha512", 48),
}
"""How much of the HMAC is sent: RFC 3414 sections 6 and 7, RFC 7860 section 4."""

_CIPHERS: Final = {
    PrivProtocol.DES: (*_USM, 2, 2),
    PrivProtocol.AES128: (*_USM, 2, 4),
    PrivProtocol.AES192: (*_CISCO, 1),
    PrivProtocol.AES256: (*_CISCO, 2),
    PrivProtocol.AES192_CISCO: (*_CISCO, 101),
    PrivProtocol.AES256_CISCO: (*_CISCO, 102),
}
"""pysnmp numbers AES with longer keys as Cisco does; 101 and 102 are its own numbers for Cisco's way to extend keys."""

# Shared by all printers: each service counts its salts, and no two messages under one key may have the same.
_AUTH_SERVICES: Final[Any] = SnmpUSMSecurityModel.AUTH_SERVICES
_PRIV_SERVICES: Final[Any] = SnmpUSMSecurityModel.PRIV_SERVICES


class CipherUnavailable(Exception):
    """This computer's cryptography does not offer the cipher."""


class LocalKeys:
    """A set's keys as one engine knows them: they sign, check, encrypt and decrypt. They show nothing of themselves.

    Attributes:
        signature_octets: how long a signature is; 0 for noAuthNoPriv.
        encrypts: whether there is a key to encrypt with.
    """

    __slots__ = ("_auth_key", "_cipher", "_hash_name", "_priv_key", "encrypts", "signature_octets")

    def __init__(self, signing: _Signing | None, auth_key: bytes, cipher: Any, priv_key: Any) -> None:  # noqa: ANN401 - pysnmp publishes no types
        self.signature_octets = signing.octets if signing else 0
        self.encrypts = cipher is not None
        self._hash_name = signing.hash_name if signing else ""
        self._auth_key = auth_key
        self._cipher = cipher
        self._priv_key = priv_key

    def sign(self, octets: bytes, at: int) -> bytes:
        """The message with its signature at ``at``, where there are as many zeros now (RFC 3414 section 6.3.1)."""
        signature = self._signature(octets)
        return octets[:at] + signature + octets[at + len(signature) :]

    def signed(self, octets: bytes, at: int, signature: bytes) -> bool:
        """Whether the signature that stands at ``at`` is the message's (RFC 3414 section 6.3.2); constant time."""
        size = self.signature_octets
        if not size or len(signature) != size:
            return False
        return hmac.compare_digest(self._signature(octets[:at] + bytes(size) + octets[at + size :]), signature)

    def encrypt(self, octets: bytes, boots: int, time: int) -> tuple[bytes, bytes]:
        """A scoped PDU encrypted, and its salt.

        Raises:
            CipherUnavailable: this computer's cryptography does not offer the cipher.
        """
        try:
            encrypted, salt = self._cipher.encrypt_data(self._priv_key, (boots, time, None), octets)
        except Exception as error:  # pysnmp's and cryptography's kinds, none declared
            raise CipherUnavailable("this computer's cryptography does not offer the cipher") from error
        return bytes(encrypted), bytes(salt)

    def decrypt(self, octets: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """A scoped PDU as it was before it was encrypted.

        Raises:
            MalformedReply: it cannot be decrypted.
        """
        try:
            return bytes(
                self._cipher.decrypt_data(
                    self._priv_key, (boots, time, univ.OctetString(salt)), univ.OctetString(octets)
                )
            )
        except Exception as error:
            raise MalformedReply(f"{len(octets)} octets that cannot be decrypted") from error

    def _signature(self, octets: bytes) -> bytes:
        return hmac.digest(self._auth_key, octets, self._hash_name)[: self.signature_octets]


@lru_cache(maxsize=16_384)
def local_keys(credentials: CredentialSet, engine_id: bytes) -> LocalKeys:
    """The keys of a set for an engine, worked out once (RFC 3414 section 2.6).

    Printers of one model that share an engine id share the keys too; what differs between them is kept elsewhere.
    """
    if credentials.auth is None:
        return LocalKeys(None, b"", None, None)
    signing = _SIGNINGS[credentials.auth]
    engine = univ.OctetString(engine_id)
    auth_key = _AUTH_SERVICES[signing.service].localize_key(_auth_hash(signing, credentials.auth_password), engine)
    if credentials.priv is None:
        return LocalKeys(signing, bytes(auth_key), None, None)
    cipher = _PRIV_SERVICES[_CIPHERS[credentials.priv]]
    hashed = _auth_hash(signing, credentials.priv_password)
    return LocalKeys(signing, bytes(auth_key), cipher, cipher.localize_key(signing.service, hashed, engine))


@lru_cache(maxsize=64)
def _auth_hash(signing: _Signing, password: str) -> Any:  # noqa: ANN401 - pysnmp publishes no types
    """The hash of a password stretched to a megabyte: milliseconds, and the same for every engine (RFC 3414 A.2)."""
    return _AUTH_SERVICES[signing.service].hash_passphrase(password.encode())
