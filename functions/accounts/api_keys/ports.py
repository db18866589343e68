"""What the use cases of API keys need kept. Lists answer a page and the opaque cursor of the next."""

from datetime import date, datetime
from typing import Protocol

from functions.accounts.api_keys.models import ApiKey
from functions.accounts.tree.models import Organization


class Keys(Protocol):
    """API keys."""

    def add_key(self, key: ApiKey, key_hash: str, request: str | None) -> bool:
        """Keep a new key under its hash; False when the same ``request`` made one already.

        `NotFound` when its organisation is gone.
        """

    def add_next_key(self, key: ApiKey, key_hash: str, request: str | None, previous: ApiKey, now: datetime) -> bool:
        """Keep a living key's successor and note it there; False when ``request`` was met or the key has changed.

        `NotFound` when its organisation is gone.
        """

    def has_made_key(self, tenant_id: str, request: str) -> bool:
        """Whether that request has made a key of the tenant's."""

    def key_by_hash(self, key_hash: str) -> ApiKey | None:
        """The key that a caller sent, or None."""

    def key(self, tenant_id: str, key_id: str) -> ApiKey | None:
        """The key of that id, or None."""

    def keys(self, tenant_id: str, below: str, *, limit: int, cursor: str | None) -> tuple[list[ApiKey], str | None]:
        """Keys of an organisation and all under it."""

    def revoke_key(self, tenant_id: str, key_id: str, now: datetime) -> None:
        """Make the key worthless for good."""

    def mark_used(self, key_hash: str, day: date) -> None:
        """Note that the key was used on that day."""

    def add_operator(self, organization: Organization, key: ApiKey, key_hash: str) -> bool:
        """Keep the installation's operator and its first key; False when there is one already."""
