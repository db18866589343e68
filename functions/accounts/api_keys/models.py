"""API keys: what is asked for, what is kept, what is shown."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, ConfigDict, Field, computed_field, model_validator

from functions.accounts.api_keys.roles import Role, in_words
from functions.accounts.api_keys.source_addresses import MOST_NETWORKS, Cidr
from functions.accounts.tree.models import Kept, Name
from shared.http import ApiModel
from shared.ids import EntityId
from shared.names import PARTNER_SCOPES, Scope
from shared.wire.base import UtcDatetime

CHANGE_OVER: Final = timedelta(days=7)
"""How long an integration may take to use its new key before somebody is told (reliability 3.2)."""
_KNOWN = frozenset({Scope.PLATFORM_ADMIN, *PARTNER_SCOPES})


def _known_scopes(scopes: list[str]) -> list[str]:
    unknown = sorted(set(scopes) - _KNOWN)
    if unknown:
        named = ", ".join(scope[:64] for scope in unknown)
        raise ValueError(f"no such scope: {named}; there are {', '.join(sorted(PARTNER_SCOPES))}")
    return sorted(set(scopes))


Scopes = Annotated[list[str], Field(max_length=len(_KNOWN)), AfterValidator(_known_scopes)]
Networks = Annotated[list[Cidr], Field(max_length=MOST_NETWORKS)]


class KeyStatus(StrEnum):
    """Whether a key was taken back."""

    ACTIVE = "active"
    REVOKED = "revoked"


class NewApiKey(ApiModel):
    """A key for an organisation (the maker's own unless named); it expires in a year unless told otherwise."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "ERP integration", "roles": ["orders"], "allowed_cidrs": ["203.0.113.0/24"]}]
        }
    )

    organization_id: EntityId | None = Field(default=None, description="It sees this organisation and all below it")
    name: Name
    roles: Annotated[list[Role], Field(max_length=len(Role))] = Field(default=[], description=in_words())
    scopes: Scopes = Field(default=[], description="Scopes beside those of the roles")
    allowed_cidrs: Networks = Field(default=[], description="Networks it may be used from; none: from anywhere")
    expires_at: UtcDatetime | None = None

    @model_validator(mode="after")
    def may_do_something(self) -> Self:
        """A key without any right is a mistake."""
        if not (self.roles or self.scopes):
            raise ValueError("give 'roles' or 'scopes'")
        return self


class NewRotation(ApiModel):
    """When the new key expires: in a year unless told otherwise."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    expires_at: UtcDatetime | None = None


class ApiKey(Kept):
    """A key without its secret. ``integration_id`` is the id of the first key of a chain of rotations."""

    tenant_id: str
    organization_id: str
    organization_path: str
    key_id: str
    integration_id: str
    name: str
    display_prefix: str
    roles: list[Role] = Field(default=[])
    scopes: list[str]
    allowed_cidrs: list[str] = Field(default=[])
    status: KeyStatus = KeyStatus.ACTIVE
    created_at: UtcDatetime
    created_by: str
    expires_at: UtcDatetime
    last_used_day: date | None = None
    revoked_at: UtcDatetime | None = None
    previous_key_id: str | None = None
    next_key_id: str | None = None
    rotated_at: UtcDatetime | None = None

    def is_live(self, now: datetime) -> bool:
        """True until it expires or is revoked; a dead key never lives again."""
        return self.status is KeyStatus.ACTIVE and now < self.expires_at

    @computed_field  # type: ignore[prop-decorator] # as pydantic documents it
    @property
    def used_after_rotation(self) -> bool:
        """True when it was still used a week after its successor was made: the change-over was forgotten."""
        return self.last_used_day is not None and self.used_after_rotation_on(self.last_used_day)

    def used_after_rotation_on(self, day: date) -> bool:
        """True when a use on that day is a week or more after the key's successor was made."""
        return self.rotated_at is not None and day >= (self.rotated_at + CHANGE_OVER).date()


class IssuedApiKey(ApiKey):
    """A new key with its secret: this answer is the only place that ever shows it."""

    api_key: str = Field(repr=False)
