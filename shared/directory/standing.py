"""Whether a partner's key is still good, asked again before anything is written.

API Gateway goes on admitting a key for as long as the authorizer's verdict is cached; a write must not wait for that.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Final

from shared import aws
from shared.directory import keys
from shared.directory.views import View
from shared.errors import Unauthenticated
from shared.settings import Settings
from shared.table import Table
from shared.tenancy import Caller
from shared.wire.base import UtcDatetime

BELIEVED_FOR: Final = timedelta(seconds=30)
"""How long a key that was found alive is not asked about again: with replication well inside the promised minute."""
MOST_KEYS: Final = 10_000


class StandingSettings(Settings):
    """Where the keys are."""

    accounts_table: str


class KeyStanding(View):
    """When a key ends, and whether it was taken back before (accounts)."""

    revoked_at: UtcDatetime | None = None
    valid_until: UtcDatetime


class Standings:
    """Keys of the last half minute, kept in memory: one small read a key and half minute, however many writes."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._alive: dict[tuple[str, str], datetime] = {}

    def refuse_dead(self, caller: Caller, now: datetime) -> None:
        """Raise `Unauthenticated` when the caller's key was revoked, has expired or is unknown.

        Only a living key is remembered, and never beyond its own end.
        """
        known = (caller.tenant_id, caller.key_id)
        if now < self._alive.get(known, now):
            return
        item = self._table.get(keys.tenant(caller.tenant_id), keys.api_key_pointer(caller.key_id), consistent=False)
        standing = KeyStanding.model_validate(item) if item else None
        if standing is None or standing.revoked_at is not None or now >= standing.valid_until:
            self._alive.pop(known, None)
            raise key_not_live()
        if len(self._alive) >= MOST_KEYS:
            self._alive.clear()
        self._alive[known] = min(now + BELIEVED_FOR, standing.valid_until)


def key_not_live() -> Unauthenticated:
    """What the holder of a dead key is told."""
    return Unauthenticated("key_not_live", "This key was revoked or has expired.")


@cache
def standings() -> Standings:
    """The standings of this process."""
    return Standings(Table(StandingSettings.from_environment().accounts_table, aws.dynamodb()))


def refuse_dead_key(caller: Caller, now: datetime) -> None:
    """`Standings.refuse_dead` on the accounts table."""
    standings().refuse_dead(caller, now)
