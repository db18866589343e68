"""An agent's next key: registered by the one before it (`POST /v1/keys`), every 90 days or when its partner asked."""

from datetime import datetime
from typing import Final

from functions.ingest.agents.agent import KEY_WANTED, AgentStatus, SuspectCause, calling_agent, visible_agent
from functions.ingest.agents.changes import AgentDeed, change_entry, edited
from functions.ingest.agents.suspicion import suspect
from functions.ingest.credentials import public_keys
from functions.ingest.credentials.thumbprints import thumbprint
from functions.ingest.credentials.tokens import TokenRefused, verify_consent
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time, key_time
from shared.errors import Conflict, FieldError, Invalid, Unavailable
from shared.table import Item
from shared.tenancy import AgentCaller
from shared.visibility import Visible
from shared.wire.activation import PublicJwk
from shared.wire.rotation import KeyRotationGrant, KeyRotationRequest

_TRIES: Final = 3
_REFUSALS: Final = {
    "invalid_key": ("/jwk", "The coordinates are not a point of P-256; make a new key."),
    "wrong_kid": ("/jwk/kid", "Use the first 16 hex digits of the key's RFC 7638 SHA-256 thumbprint."),
    "wrong_key": ("", "Its claim 'jkt' is not the hex RFC 7638 SHA-256 thumbprint of 'jwk'."),
    "wrong_agent": ("", "Its claim 'sub' is not the id of the agent that the token is about."),
    "token_expired": ("", "It has expired; correct the clock by the Date header of this answer and sign again."),
    "token_not_yet_valid": ("", "It is dated ahead; correct the clock by the Date header and sign again."),
}
_OTHERWISE: Final = ("", "It is not an ES256 JWS by its key with aud, sub, iat, exp (10 minutes at most) and jkt.")


def rotate_key(
    request: KeyRotationRequest, caller: AgentCaller, *, documents: Documents, now: datetime
) -> KeyRotationGrant:
    """Put the agent's next key in force; the one before is accepted for `PREVIOUS_KEY_LIFETIME` more.

    Safe to repeat: the row is written at the version that was read, and a key that is in force already is answered as
    it was the first time, so an answer lost on the way costs nothing, also when the key before has ended since.

    Raises:
        Invalid: ``proof_invalid``, naming the signature and the fix.
        Conflict: ``key_exchanged``: this key was in force once; ``too_many_keys`` within a fortnight.
        AgentSuspected: A key that was exchanged before asks for another next key: it has two holders.
        Forbidden, Unauthenticated: The agent or its key is no longer accepted.
    """
    _check(request, caller, calling_agent(documents, caller, now), now)
    for _ in range(_TRIES):
        agent = calling_agent(documents, caller, now)
        if known := _known(agent, request.jwk, now):
            return _grant(agent, known, now)
        signer = public_keys.accepted_key(agent, caller.kid, now)
        if signer is None or public_keys.ends_at(signer) is not None:
            raise suspect(agent, SuspectCause.EXCHANGED_KEY_USED, documents=documents, now=now)
        _refuse_too_many(agent, now)
        changed = public_keys.with_next_key(agent, request.jwk, now)
        changed.pop(KEY_WANTED, None)
        entry = change_entry(agent, changed, AgentDeed.KEY_ADDED, now)
        if documents.commit([changed, entry]):
            return _grant(changed, changed["keys"][-1], now)
    raise Unavailable("store_busy", "The store is slow to answer; try again.")


def ask_for_next_key(documents: Documents, visible: Visible, agent_id: str, *, key_id: str, now: datetime) -> None:
    """Have an agent exchange its key: the answer to its next upload says so, and each one until it did.

    Safe to repeat: an agent that was asked and did not do it yet stays asked since then.

    Raises:
        NotFound: The agent is missing, or out of sight.
        Conflict: ``agent_not_active``: it is not heard; or ``too_many_keys``, as for `rotate_key`.
    """
    for _ in range(_TRIES):
        agent = visible_agent(documents, visible, agent_id)
        if agent["status"] != AgentStatus.ACTIVE:
            detail = f"This agent is {agent['status']} and not heard; a code that activates it again gives a new key."
            raise Conflict("agent_not_active", detail)
        if KEY_WANTED in agent:
            return
        _refuse_too_many(agent, now)
        asked = edited(agent | {KEY_WANTED: key_time(now)})
        if documents.commit([asked, change_entry(agent, asked, AgentDeed.KEY_WANTED, now, key_id=key_id)]):
            return
    raise Conflict("agent_busy", "The agent is being changed by others; read it and try again.")


def key_to_exchange(agent: Item) -> str | None:
    """The name of the key in force, while the agent is asked to exchange it."""
    return public_keys.kid_of(agent["keys"][-1]) if KEY_WANTED in agent else None


def _known(agent: Item, jwk: PublicJwk, now: datetime) -> Item | None:
    known = public_keys.accepted_key(agent, jwk.kid, now)
    if known is None or known["thumbprint"] != thumbprint(jwk):
        return None
    if public_keys.ends_at(known) is not None:
        raise Conflict("key_exchanged", "This key was exchanged for another one; make a new key.")
    return known


def _refuse_too_many(agent: Item, now: datetime) -> None:
    accepted = public_keys.accepted_keys(agent, now)
    ends = [end for key in accepted if (end := public_keys.ends_at(key))]
    if len(accepted) >= public_keys.MOST_KEYS:
        detail = f"{len(accepted)} keys of this agent are still accepted; the next ends at {min(ends).isoformat()}."
        raise Conflict("too_many_keys", detail)


def _grant(agent: Item, key: Item, now: datetime) -> KeyRotationGrant:
    ends = [end for each in public_keys.accepted_keys(agent, now) if (end := public_keys.ends_at(each))]
    return KeyRotationGrant(
        kid=public_keys.kid_of(key),
        registered_at=from_key_time(key["added_at"]),
        previous_key_ends_at=max(ends, default=None),
    )


def _check(request: KeyRotationRequest, caller: AgentCaller, agent: Item, now: datetime) -> None:
    """Both signatures. The consent binds the new key to the old one, which a bearer token alone would not."""
    signer = public_keys.accepted_key(agent, caller.kid, now)
    signers = {"/proof": request.jwk, "/consent": PublicJwk.model_validate(signer["jwk"]) if signer else request.jwk}
    for pointer, token in (("/proof", request.proof), ("/consent", request.consent)):
        try:
            verify_consent(token, signers[pointer], request.jwk, caller.agent_id, now)
        except TokenRefused as refused:
            where, fix = _REFUSALS.get(refused.code, _OTHERWISE)
            field = FieldError(where or pointer, fix)
            raise Invalid("proof_invalid", "The key or its signatures are not valid; see 'errors'.", (field,)) from None
