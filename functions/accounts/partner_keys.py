"""Use cases of API keys: issue, list, revoke, recognise, and the installation's first."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from functions.accounts import key_text
from functions.accounts.key_models import ApiKey, IssuedApiKey, KeyStatus, NewApiKey
from functions.accounts.models import Organization
from functions.accounts.ports import Keys, Places
from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Unauthenticated
from shared.ids import new_id
from shared.names import PARTNER_SCOPES, Scope
from shared.tenancy import Caller
from shared.visibility import visible_organization

LIFETIME: Final = timedelta(days=365)
LONGEST_LIFETIME: Final = timedelta(days=5 * 366)
BOOTSTRAP_KEY_NAME: Final = "first operator key"


def issue_key(
    places: Places, keys: Keys, caller: Caller, wanted: NewApiKey, request_key: str | None, now: datetime
) -> IssuedApiKey:
    """Make a key that can do no more than its maker, who is looked up again: an admission is cached for minutes.

    The secret is in this answer and nowhere else.

    Safe to repeat under ``request_key`` (the Idempotency-Key): no second key is made, but as no copy of the
    secret exists to be answered again, the repetition is a `Conflict` ``key_already_issued``.
    """
    _refuse_dead_maker(keys, caller, now)
    owner = visible_organization(places, caller, wanted.organization_id or caller.organization_id)
    lacking = sorted(set(wanted.scopes) - caller.scopes)
    if lacking:
        raise Forbidden("scope_not_grantable", f"This key cannot grant what it lacks: {', '.join(lacking)}.")
    if Scope.PLATFORM_ADMIN in wanted.scopes and owner.tenant_id != caller.tenant_id:
        raise Forbidden("scope_not_grantable", f"'{Scope.PLATFORM_ADMIN}' is the operator's own and no partner's.")
    expires_at = wanted.expires_at or now + LIFETIME
    if not now < expires_at <= now + LONGEST_LIFETIME:
        error = FieldError("/expires_at", f"A time in the next {LONGEST_LIFETIME.days} days.")
        raise Invalid("invalid_expiry", "The key would be expired already or live too long.", (error,))
    key, text = _new_key(owner, wanted.name, wanted.scopes, caller.key_id, now, expires_at)
    request = key_text.hash_of(f"{caller.key_id} {request_key}") if request_key else None
    if not keys.add_key(key, key_text.hash_of(text), request):
        detail = "This Idempotency-Key made a key already, whose secret was shown once; revoke that, use another."
        raise Conflict("key_already_issued", detail)
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


def recognise(keys: Keys, text: str, now: datetime) -> ApiKey | None:
    """The live key that the text is, or None. Junk is refused before the table is asked (reliability 3.2)."""
    if not key_text.is_well_formed(text):
        return None
    key_hash = key_text.hash_of(text)
    key = keys.key_by_hash(key_hash)
    if key is None or not _is_live(key, now):
        return None
    today = now.date()
    if key.last_used_day is None or key.last_used_day < today:
        keys.mark_used(key_hash, today)
    return key


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
    scopes = sorted({Scope.PLATFORM_ADMIN, *PARTNER_SCOPES})
    key, text = _new_key(operator, BOOTSTRAP_KEY_NAME, scopes, "bootstrap", now, now + LIFETIME)
    if not keys.add_operator(operator, key, key_text.hash_of(text)):
        raise Conflict("already_bootstrapped", "This installation has its operator already.")
    return IssuedApiKey(**dict(key), api_key=text)


def _is_live(key: ApiKey, now: datetime) -> bool:
    return key.status is KeyStatus.ACTIVE and now < key.expires_at


def _refuse_dead_maker(keys: Keys, caller: Caller, now: datetime) -> None:
    """A key that was taken back must not live on in one that it makes while API Gateway still admits it."""
    maker = keys.key(caller.tenant_id, caller.key_id)
    if maker is None or not _is_live(maker, now):
        raise Unauthenticated("key_not_live", "This key was revoked or has expired.")


def _new_key(
    owner: Organization, name: str, scopes: list[str], maker: str, now: datetime, expires_at: datetime
) -> tuple[ApiKey, str]:
    text = key_text.key_from(secrets.randbits(key_text.SECRET_BITS))
    key = ApiKey(
        tenant_id=owner.tenant_id,
        organization_id=owner.organization_id,
        organization_path=owner.path,
        key_id=new_id("key"),
        name=name,
        display_prefix=key_text.display_prefix(text),
        scopes=scopes,
        created_at=now,
        created_by=maker,
        expires_at=expires_at,
    )
    return key, text
