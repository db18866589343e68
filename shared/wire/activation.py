"""`POST /v1/activations` and `GET /v1/config`: how an agent gets its identity and its work."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from shared.wire.base import SCHEMA_VERSION, Identifier, ShortText, Text, UtcDatetime, WireModel

ActivationCode = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
"""As typed: `shared.wire.codes.normalise_code` decides whether it can be a code."""

Coordinate = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class PublicJwk(WireModel):
    """The agent's public key: RFC 7517, EC P-256 only. A key that was sent with its private half is refused."""

    kty: Literal["EC"] = Field(description="Kind of key.")
    crv: Literal["P-256"] = Field(description="Its curve.")
    x: Coordinate = Field(description="Public coordinate.")
    y: Coordinate = Field(description="Public coordinate.")
    kid: Identifier = Field(description="The key's name: the beginning of its thumbprint.")

    @model_validator(mode="before")
    @classmethod
    def public_only(cls, value: Any) -> Any:  # noqa: ANN401 - whatever was sent
        """A private key that has travelled is nobody's secret any more."""
        if isinstance(value, dict) and "d" in value:
            raise ValueError("holds the private member 'd': make a new key and send its public half only")
        return value


class ActivationRequest(WireModel):
    """The code, the key, and the proof of owning its private half.

    ``proof`` is an ES256 JWS made with the new key: header ``kid``; claims ``aud`` (`PROOF_AUDIENCE`),
    ``iat``, ``exp`` (at most 10 minutes later) and ``code_sha256``, the hex SHA-256 of the normalised code.
    """

    schema_version: Literal[1] = Field(default=SCHEMA_VERSION, description="Version of this format.")
    code: ActivationCode = Field(description="The one-time code that was typed.")
    jwk: PublicJwk = Field(description="The agent's public key.")
    proof: Annotated[str, StringConstraints(max_length=2048)] = Field(
        description="Signature that proves possession of the private key."
    )
    agent_version: ShortText = Field(description="Version of the agent.")
    host_name: Text | None = Field(default=None, description="Name of the computer that the agent runs on.")
    platform: ShortText | None = Field(default=None, description="Its operating system and version.")


class DiscoveryCriteria(WireModel):
    """Where to look for printers: addresses, ranges (``a-b``), CIDR blocks or host names, ``:port`` optional.

    SNMP credentials are never part of it: they stay at the site.
    """

    include: list[Annotated[str, StringConstraints(max_length=128)]] = Field(max_length=256)
    exclude: list[Annotated[str, StringConstraints(max_length=128)]] = Field(default_factory=list, max_length=256)


class AgentConfig(WireModel):
    """What the cloud may set on an agent: where to look and how often. Never a command."""

    schema_version: Literal[1] = SCHEMA_VERSION
    discovery: DiscoveryCriteria
    poll_interval_seconds: Annotated[int, Field(ge=1, le=86_400)] = 900
    discovery_interval_seconds: Annotated[int, Field(ge=5, le=604_800)] = 86_400
    heartbeat_interval_seconds: Annotated[int, Field(ge=5, le=86_400)] = 3_600
    config_interval_seconds: Annotated[int, Field(ge=5, le=86_400)] = 900


class ActivationGrant(WireModel):
    """The agent's identity; ``audience`` is the ``aud`` its tokens must carry."""

    schema_version: Literal[1] = SCHEMA_VERSION
    agent_id: Identifier
    organization_id: Identifier
    site_id: Identifier
    audience: Text
    activated_at: UtcDatetime
    config: AgentConfig
    config_etag: ShortText


PROOF_AUDIENCE = "platen-activation"
TOKEN_LIFETIME_SECONDS = 3_600
"""Longest ``exp - iat`` the cloud accepts of an agent's token."""
CLOCK_LEEWAY_SECONDS = 300
