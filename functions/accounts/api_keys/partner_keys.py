"""Use cases of API keys: issue, rotate, list, revoke, recognise, and the installation's first."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from functions.accounts.api_keys import text as key_text
from functions.accounts.api_keys.models import ApiKey, IssuedApiKey, NewApiKey, NewRotation
from functions.accounts.api_keys.ports import Keys
from functions.accounts.api_keys.roles import scopes_of
from functions.accounts.api_keys.source_addresses import covers
from functions.accounts.tree.models import Organization
from functions.accounts.tree.ports import Places
from shared.directory.standing import key_not_live
from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from shared.ids import new_id
from shared.names import PARTNER_SCOPES, Scope
from shared.table import MAX_PAGE
from shared.tenancy import Caller
from shared.visibility import visible_organization

LIFETIME: Final = timedelta(days=365)
LONGEST_LIFETIME: Final = timedelta(days=5 * 366)
BOOTSTRAP_KEY_NAME: Final = "first operator key"
_INHERITED: Final = {
    "organization_id",
    "organization_path",
    "integration_id",
    "name",
    "roles",
    "scopes",
    "allowed_cidrs",
}


def issue_key(
    places: Places, keys: Keys, caller: Caller, wanted: NewApiKey, request_key: str | None, now: datetime
) -> IssuedApiKey:
    """Make a key that can do no more than its maker, who is looked up again: an admission is cached for minutes.

    A maker that may call from some networks only makes keys for these or for networks inside them. The secret is in
    this answer and nowhere else.

    Safe to repeat under ``request_key`` (the Idempotency-Key): no second key is made, but as no copy of the
    secret exists to be answered again, the repetition is a `Conflict` ``key_already_issued``.

    Raises:
        NotFound: The organisation is missing, or was deleted meanwhile.
    """
    maker = _living_maker(keys, caller, now)
    owner = visible_organization(places, caller, wanted.organization_id or caller.organization_id)
    scopes = scopes_of(wanted.roles, wanted.scopes)
    _refuse_more_rights(caller, owner.tenant_id, scopes)
    networks = wanted.allowed_cidrs or maker.allowed_cidrs
    if not covers(maker.allowed_cidrs, networks):
        error = FieldError("/allowed_cidrs", f"Networks inside {', '.join(maker.allowed_cidrs)}.")
        raise Invalid("network_not_grantable", "This key cannot grant networks that it may not call from.", (error,))
    key, text = _new_key(
        owner.tenant_id,
        organization_id=owner.organization_id,
        organization_path=owner.path,
        name=wanted.name,
        roles=wanted.roles,
        scopes=scopes,
        allowed_cidrs=networks,
        created_at=now,
        created_by=caller.key_id,
        expires_at=_end(wanted.expires_at, now),
    )
    if not keys.add_key(key, key_text.hash_of(text), _request(caller, request_key)):
        raise _already_issued()
    return IssuedApiKey(**dict(key), api_key=text)


def rotate_key(  # noqa: PLR0913 - the key is named by two ids
    places: Places,
    keys: Keys,
    caller: Caller,
    key_id: str,
    organization_id: str | None,
    *,
    wanted: NewRotation,
    request_key: str | None,
    now: datetime,
) -> IssuedApiKey:
    """Make the key that is to replace a living one: same organisation, rights and networks, another secret.

    Both are alive until the old one is revoked. Of an integration at most two keys ever are: a key is rotated only
    while the one before it and the one made for it before, if any, are dead, and what is dead stays so.

    Safe to repeat as `issue_key` is.

    Raises:
        Conflict: The request was met before (``key_already_issued``), the key is dead (``key_not_live``), two are
            alive already (``two_keys_alive``), or others are changing the key (``key_busy``).
        Forbidden: The key may do what the caller may not.
        NotFound: The key is missing, or its organisation was deleted meanwhile.
    """
    maker = _living_maker(keys, caller, now)
    old = visible_key(places, keys, caller, key_id, organization_id)
    _refuse_more_rights(caller, old.tenant_id, old.scopes)
    if not covers(maker.allowed_cidrs, old.allowed_cidrs):
        raise Forbidden("network_not_grantable", "This key cannot renew one that may call from other networks.")
    request = _request(caller, request_key)
    if request is not None and keys.has_made_key(old.tenant_id, request):
        raise _already_issued()
    if not old.is_live(now):
        raise Conflict("key_not_live", "This key was revoked or has expired; create a new one.")
    for other_id in (old.previous_key_id, old.next_key_id):
        other = keys.key(old.tenant_id, other_id) if other_id else None
        if other is not None and other.is_live(now):
            raise Conflict("two_keys_alive", f"'{other.key_id}' of this integration is alive too; revoke one first.")
    key, text = _new_key(
        old.tenant_id,
        **old.model_dump(include=_INHERITED),
        previous_key_id=old.key_id,
        created_at=now,
        created_by=caller.key_id,
        expires_at=_end(wanted.expires_at, now),
    )
    if not keys.add_next_key(key, key_text.hash_of(text), request, old, now):
        if request is not None and keys.has_made_key(old.tenant_id, request):
            raise _already_issued()
        raise Conflict("key_busy", "This key is being rotated or revoked by others; read it and try again.")
    return IssuedApiKey(**dict(key), api_key=text)


def list_keys(
    places: Places, keys: Keys, caller: Caller, organization_id: str | None, *, limit: int, cursor: str | None
) -> tuple[list[ApiKey], str | None]:
    """Keys of what the caller sees, or of one organisation and below; never their secrets."""
    top = visible_organization(places, caller, organization_id or caller.organization_id)
    return keys.keys(top.tenant_id, top.path, limit=limit, cursor=cursor)


def visible_key(places: Places, keys: Keys, caller: Caller, key_id: str, organization_id: str | None) -> ApiKey:
    """The key without its secret; the operator names the partner's root. `NotFound` for any that is out of sight."""
    top = visible_organization(places, caller, organization_id or caller.organization_id)
    key = keys.key(top.tenant_id, key_id)
    if key is None or not key.organization_path.startswith(top.path):
        raise NotFound("API key", key_id)
    return key


def revoke_key(
    places: Places, keys: Keys, caller: Caller, key_id: str, organization_id: str | None, now: datetime
) -> None:
    """Revoke a key for good; the operator names the partner's root. Safe to repeat."""
    key = visible_key(places, keys, caller, key_id, organization_id)
    keys.revoke_key(key.tenant_id, key_id, now)


def revoke_keys_of(deleted: Organization, *, keys: Keys, at: datetime) -> int:
    """Revoke the keys that a deleted organisation still has; how many those were.

    It had none when somebody looked; one that was made at that moment must not outlive it. Its keys stay listed for the
    organisation above it, which may be asked who could do what. Safe to repeat: what is dead stays dead.
    """
    revoked, cursor = 0, None
    while True:
        found, cursor = keys.keys(deleted.tenant_id, deleted.path, limit=MAX_PAGE, cursor=cursor)
        for key in found:
            if key.is_live(at):
                keys.revoke_key(key.tenant_id, key.key_id, at)
                revoked += 1
        if cursor is None:
            return revoked


def recognise(keys: Keys, text: str, now: datetime) -> ApiKey | None:
    """The live key that the text is, or None. Junk is refused before the table is asked (reliability 3.2)."""
    if not key_text.is_well_formed(text):
        return None
    key = keys.key_by_hash(key_text.hash_of(text))
    return key if key is not None and key.is_live(now) else None


def note_use(keys: Keys, key: ApiKey, text: str, now: datetime) -> bool:
    """Note the day that a key was used, at most once a day; True when that was written. Safe to repeat."""
    today = now.date()
    if key.last_used_day is not None and key.last_used_day >= today:
        return False
    keys.mark_used(key_text.hash_of(text), today)
    return True


def create_operator(keys: Keys, organization_name: str, now: datetime) -> IssuedApiKey:
    """Make the installation's operator and its first key, once: `Conflict` ``already_bootstrapped`` ever after."""
    organization_id = new_id("org")
    operator = Organization(
        tenant_id=organization_id,
        organization_id=organization_id,
        path=f"/{organization_id}/",
        name=organization_name,
        created_at=now,
    )
    key, text = _new_key(
        organization_id,
        organization_id=organization_id,
        organization_path=operator.path,
        name=BOOTSTRAP_KEY_NAME,
        scopes=sorted({Scope.PLATFORM_ADMIN, *PARTNER_SCOPES}),
        created_at=now,
        created_by="bootstrap",
        expires_at=now + LIFETIME,
    )
    if not keys.add_operator(operator, key, key_text.hash_of(text)):
        raise Conflict("already_bootstrapped", "This installation has its operator already.")
    return IssuedApiKey(**dict(key), api_key=text)


def _living_maker(keys: Keys, caller: Caller, now: datetime) -> ApiKey:
    """A key that was taken back must not live on in one that it makes while API Gateway still admits it."""
    maker = keys.key(caller.tenant_id, caller.key_id)
    if maker is None or not maker.is_live(now):
        raise key_not_live()
    return maker


def _refuse_more_rights(caller: Caller, tenant_id: str, scopes: list[str]) -> None:
    lacking = sorted(set(scopes) - caller.scopes)
    if lacking:
        raise Forbidden("scope_not_grantable", f"This key cannot grant what it lacks: {', '.join(lacking)}.")
    if Scope.PLATFORM_ADMIN in scopes and tenant_id != caller.tenant_id:
        raise Forbidden("scope_not_grantable", f"'{Scope.PLATFORM_ADMIN}' is the operator's own and no partner's.")


def _end(wanted: datetime | None, now: datetime) -> datetime:
    expires_at = wanted or now + LIFETIME
    if not now < expires_at <= now + LONGEST_LIFETIME:
        error = FieldError("/expires_at", f"A time in the next {LONGEST_LIFETIME.days} days.")
        raise Invalid("invalid_expiry", "The key would be expired already or live too long.", (error,))
    return expires_at


def _request(caller: Caller, request_key: str | None) -> str | None:
    return key_text.hash_of(f"{caller.key_id} {request_key}") if request_key else None


def _already_issued() -> Conflict:
    detail = "This request made a key already, whose secret was shown once; revoke that and ask again, with another "
    return Conflict("key_already_issued", f"{detail}Idempotency-Key.")


def _new_key(tenant_id: str, **fields: Any) -> tuple[ApiKey, str]:  # noqa: ANN401 - checked by the model
    """A key of these fields and its text; without an integration it begins one."""
    text = key_text.key_from(secrets.randbits(key_text.SECRET_BITS))
    key_id = new_id("key")
    named = {"tenant_id": tenant_id, "key_id": key_id, "integration_id": key_id}
    return ApiKey(**(named | fields), display_prefix=key_text.display_prefix(text)), text
