"""The ``[snmp]`` part of the configuration: how printers are asked, and with which communities and users."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from edge.snmp.credentials import AuthProtocol, CredentialSet, PrivProtocol, SnmpVersion, in_turn, of_community
from edge.snmp.target_entries import TargetError, entries_in, span_of, split_port

_LEAST_PASSWORD: Final = 8
"""RFC 3414 section 11.2."""
_LONGEST_SECRET: Final = 255


class Section(BaseModel):
    """A part of the configuration file: an unknown key is an error, a value never shows in one."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _checked_target(entry: str) -> str:
    try:
        [one] = entries_in([entry])
        span_of(split_port(one)[0], one)
    except TargetError as error:
        raise ValueError(str(error)) from None
    except ValueError:
        raise ValueError("an entry is empty: write an address, range, block or host name") from None
    return entry


def _checked_password(secret: SecretStr) -> SecretStr:
    if not _LEAST_PASSWORD <= len(secret.get_secret_value()) <= _LONGEST_SECRET:
        raise ValueError(f"has not {_LEAST_PASSWORD} to {_LONGEST_SECRET} characters")
    return secret


def _checked_community(secret: SecretStr) -> SecretStr:
    if not 0 < len(secret.get_secret_value().encode()) <= _LONGEST_SECRET:
        raise ValueError(f"has not 1 to {_LONGEST_SECRET} octets")
    return secret


Password = Annotated[SecretStr, AfterValidator(_checked_password)]
Community = Annotated[SecretStr, AfterValidator(_checked_community)]


class CredentialSettings(Section):
    """One ``[[snmp.credentials]]``: a community (version 1 or 2c) or a user (version 3)."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    version: SnmpVersion
    community: Community | None = None
    user: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    auth_protocol: AuthProtocol | None = None
    auth_password: Password | None = None
    priv_protocol: PrivProtocol | None = None
    priv_password: Password | None = None
    context_name: Annotated[str, Field(max_length=255)] = ""
    targets: Annotated[list[Annotated[str, AfterValidator(_checked_target)]], Field(max_length=256)] = []

    @model_validator(mode="after")
    def complete(self) -> Self:
        """A set has what its version needs and nothing of the other kind."""
        problem = self._user_problem() if self.version is SnmpVersion.V3 else self._community_problem()
        if problem:
            raise ValueError(problem)
        return self

    def credential_set(self) -> CredentialSet:
        """The set as readers use it."""
        return CredentialSet(
            name=self.name,
            version=self.version,
            community=_told(self.community),
            user=self.user or "",
            auth=self.auth_protocol,
            auth_password=_told(self.auth_password),
            priv=self.priv_protocol,
            priv_password=_told(self.priv_password),
            context_name=self.context_name,
            targets=tuple(self.targets),
        )

    def _community_problem(self) -> str | None:
        if self.community is None:
            return f"version {self.version} needs a community"
        users = (self.user, self.auth_protocol, self.auth_password, self.priv_protocol, self.priv_password)
        if any(part is not None for part in users):
            return f"version {self.version} has a community only: user, passwords and protocols belong to version 3"
        return None

    def _user_problem(self) -> str | None:
        belong_together = (
            (self.auth_protocol, self.auth_password, "auth_protocol and auth_password belong together"),
            (self.priv_protocol, self.priv_password, "priv_protocol and priv_password belong together"),
        )
        if self.community is not None:
            return "version 3 has a user, no community"
        if self.user is None:
            return "version 3 needs a user"
        for protocol, password, problem in belong_together:
            if (protocol is None) != (password is None):
                return problem
        if self.priv_protocol is not None and self.auth_protocol is None:
            return "encryption needs signing: add auth_protocol and auth_password"
        return None


def _told(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


class SnmpSettings(Section):
    """How printers are asked. Communities and passwords stay here: they are neither logged nor sent."""

    community: Community | None = None
    credentials: Annotated[list[CredentialSettings], Field(max_length=32)] = []
    port: Annotated[int, Field(ge=1, le=65_535)] = 161
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 2.0
    retries: Annotated[int, Field(ge=0, le=10)] = 1
    rate_limit_pps: Annotated[int, Field(ge=1, le=100_000)] = 20
    concurrency: Annotated[int, Field(ge=1, le=1_000)] = 50

    @field_validator("credentials")
    @classmethod
    def each_named_once(cls, sets: list[CredentialSettings]) -> list[CredentialSettings]:
        """What is remembered of a printer is the set's name."""
        names = [each.name for each in sets]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the name {twice[0]!r} is given twice: each set needs a name of its own")
        return sets

    def credential_sets(self) -> tuple[CredentialSet, ...]:
        """The sets in the order they are tried: v3, v2c, v1. ``community`` is a v2c set, and alone it is ``public``."""
        sets = [each.credential_set() for each in self.credentials]
        if self.community is not None:
            sets.append(of_community(self.community.get_secret_value()))
        return in_turn(sets or [of_community("public")])
