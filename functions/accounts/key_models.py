"""API keys: what is asked for, what is kept, what is shown."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from functions.accounts.models import Kept, Name
from shared.http import ApiModel
from shared.ids import EntityId
from shared.names import PARTNER_SCOPES, Scope
from shared.wire.base import UtcDatetime

_KNOWN = frozenset({Scope.PLATFORM_ADMIN, *PARTNER_SCOPES})


def _known_scopes(scopes: list[str]) -> list[str]:
    unknown = sorted(set(scopes) - _KNOWN)
    if unknown:
        raise ValueError(f"no such scope: {', '.join(scope[:64] for scope in unknown)}")
    return sorted(set(scopes))


Scopes = Annotated[list[str], Field(min_length=1, max_length=len(_KNOWN)), AfterValidator(_known_scopes)]


class KeyStatus(StrEnum):
    """Whether a key was taken back."""

    ACTIVE = "active"
    REVOKED = "revoked"


class NewApiKey(ApiModel):
    """A key for an organisation (the maker's own unless named); it expires in a year unless told otherwise."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "ERP integration", "scopes": ["orders:read", "fleet:read"]}]}
    )

    organization_id: EntityId | None = None
    name: Name
    scopes: Scopes
    expires_at: UtcDatetime | None = None


class ApiKey(Kept):
    """A key without its secret."""

    tenant_id: str
    organization_id: str
    organization_path: str
    key_id: str
    name: str
    display_prefix: str
    scopes: list[str]
    status: KeyStatus = KeyStatus.ACTIVE
    created_at: UtcDatetime
    created_by: str
    expires_at: UtcDatetime
    last_used_day: date | None = None
    revoked_at: UtcDatetime | None = None


class IssuedApiKey(ApiKey):
    """A new key with its secret: this answer is the only place that ever shows it."""

    api_key: str = Field(repr=False)
