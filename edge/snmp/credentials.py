"""Who the agent is to a printer: SNMP communities and users. They stay at the site and never show."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self


class SnmpVersion(StrEnum):
    """The versions of SNMP, by the names people use."""

    V1 = "1"
    V2C = "2c"
    V3 = "3"


class _Protocol(StrEnum):
    """A protocol's name, read as people write it: ``sha256`` and ``SHA_256`` are ``SHA-256``."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        written = re.sub(r"[^A-Z0-9]", "", str(value).upper())
        written = _OTHER_NAMES.get(written, written)
        return next((each for each in cls if each.value.replace("-", "") == written), None)


_OTHER_NAMES: Final = {"SHA1": "SHA", "AES": "AES128"}


class AuthProtocol(_Protocol):
    """How v3 messages are signed (RFC 3414, RFC 7860)."""

    MD5 = "MD5"
    SHA1 = "SHA"
    SHA224 = "SHA-224"
    SHA256 = "SHA-256"
    SHA384 = "SHA-384"
    SHA512 = "SHA-512"


class PrivProtocol(_Protocol):
    """How v3 messages are encrypted (RFC 3414, RFC 3826).

    AES with longer keys was never standardised: ``AES-192`` and ``AES-256`` extend keys as net-snmp and most makers do
    (draft-blumenthal-aes-usm-04), the ``-C`` ones as Cisco does (draft-reeder-snmpv3-usm-3desede).
    """

    DES = "DES"
    AES128 = "AES-128"
    AES192 = "AES-192"
    AES256 = "AES-256"
    AES192_CISCO = "AES-192-C"
    AES256_CISCO = "AES-256-C"


_WELL_KNOWN: Final = "public"
_TELLING: Final = 4
"""Characters of a secret that a name must hold to tell it; fewer are found in any word."""
_LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class CredentialSet:
    """One way to be known to a printer.

    Attributes:
        name: what people call it; the only part that is ever shown, logged or kept.
        version: of SNMP.
        community: for v1 and v2c.
        user: for v3.
        auth: how messages are signed; None for noAuthNoPriv.
        auth_password: for ``auth``.
        priv: how messages are encrypted; None for noAuthNoPriv and authNoPriv.
        priv_password: for ``priv``.
        context_name: v3 context, empty on nearly all printers.
        targets: entries (as discovery criteria are written) that the set is for; empty for every printer.
    """

    name: str
    version: SnmpVersion = SnmpVersion.V2C
    community: str = field(default="public", repr=False)
    user: str = field(default="", repr=False)
    auth: AuthProtocol | None = None
    auth_password: str = field(default="", repr=False)
    priv: PrivProtocol | None = None
    priv_password: str = field(default="", repr=False)
    context_name: str = field(default="", repr=False)
    targets: tuple[str, ...] = ()

    @property
    def level(self) -> str:
        """The v3 security level as RFC 3411 names it, with its protocols; ``community`` for v1 and v2c."""
        if self.version is not SnmpVersion.V3:
            return "community"
        if self.auth is None:
            return "noAuthNoPriv"
        return f"authPriv ({self.auth}, {self.priv})" if self.priv else f"authNoPriv ({self.auth})"

    @property
    def told_name(self) -> str | None:
        """The name as readings tell it outside of the site; None for one that tells a secret or is no plain line.

        People name sets after what is in them. Such a name stays here; only the word ``public`` is no secret.
        """
        name = self.name.casefold()
        secrets = (self.community, self.user, self.auth_password, self.priv_password, self.context_name)
        for secret in (each.casefold() for each in secrets):
            if secret and secret != _WELL_KNOWN and (secret == name or (len(secret) >= _TELLING and secret in name)):
                return None
        return self.name if self.name.isprintable() and 0 < len(self.name) <= _LONGEST_NAME else None

    def described(self) -> str:
        """The set for people, with nothing that opens a printer: neither community nor user nor password."""
        where = f"for {', '.join(self.targets)}" if self.targets else "for every printer"
        return f"{self.name}: SNMP v{self.version}, {self.level}, {where}"


_TURN: Final = {SnmpVersion.V3: 0, SnmpVersion.V2C: 1, SnmpVersion.V1: 2}


def in_turn(sets: Iterable[CredentialSet]) -> tuple[CredentialSet, ...]:
    """The order in which sets are tried: v3 first, then v2c, then v1; within a version as they are listed."""
    return tuple(sorted(sets, key=lambda each: _TURN[each.version]))


def of_community(community: str) -> CredentialSet:
    """A v2c set of a community alone."""
    return CredentialSet(name="community", community=community)


PUBLIC: Final = of_community("public")
