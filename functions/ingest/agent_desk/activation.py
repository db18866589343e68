"""The use case behind `POST /v1/activations`: one code, one agent, one key."""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from functions.ingest.agents.agent import AgentStatus, activated, find_agent, grant_of
from functions.ingest.agents.changes import AgentDeed, change_entry
from functions.ingest.credentials.codes import CodeStatus, invalid_code, refusal, status_of, used
from functions.ingest.credentials.public_keys import accepted_keys
from functions.ingest.credentials.thumbprints import thumbprint
from functions.ingest.credentials.tokens import TokenRefused, verify_proof
from functions.ingest.silence.watch import watched
from functions.ingest.table import keys, outbox
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.errors import Conflict, FieldError, Invalid, TooManyRequests
from shared.events import EventName
from shared.table import Item
from shared.tenancy import AGENT_REFUSALS
from shared.wire.activation import ActivationGrant, ActivationRequest
from shared.wire.codes import code_digest, normalise_code

ATTEMPTS_A_MINUTE: Final = 20
_COUNTERS_KEPT: Final = timedelta(minutes=10)
_TRIES: Final = 3
_SUBSCRIBER: Final = 64
_PROOF: Final = {
    "invalid_key": ("/jwk", "The coordinates are not a point of P-256; make a new key."),
    "wrong_kid": ("/jwk/kid", "Use the first 16 hex digits of the key's RFC 7638 SHA-256 thumbprint."),
    "wrong_code": ("/proof", "Its claim 'code_sha256' is not the hex SHA-256 of the normalised code."),
    "token_expired": ("/proof", "It has expired; correct the clock by the Date header of this answer and sign again."),
    "token_not_yet_valid": ("/proof", "It is dated ahead; correct the clock by the Date header and sign again."),
}
_PROOF_OTHERWISE: Final = ("/proof", "It is not an ES256 JWS by this key with aud, iat, exp (10 minutes at most).")


def limit_attempts(source_ip: str, *, documents: Documents, now: datetime) -> None:
    """Count an attempt; `TooManyRequests` after `ATTEMPTS_A_MINUTE` from one source in one minute.

    A source is an IPv4 address or an IPv6 /64, which is what one subscriber has.
    """
    key = keys.attempts(_source(source_ip), key_time(now)[:16])
    if documents.count(key, int((now + _COUNTERS_KEPT).timestamp())) > ATTEMPTS_A_MINUTE:
        raise TooManyRequests("too_many_activations", "Too many activations from this address; wait a minute.")


def _source(source_ip: str) -> str:
    try:
        address = ip_address(source_ip)
    except ValueError:
        return source_ip
    return str(ip_network((address, _SUBSCRIBER), strict=False)) if isinstance(address, IPv6Address) else source_ip


def activate(request: ActivationRequest, *, documents: Documents, now: datetime) -> ActivationGrant:
    """Redeem a code for an agent identity: a new one, or that of the agent which the code was made for.

    An agent that is activated again keeps its id, place, configuration and printers; its former keys end with the
    write, and it is suspect no more.

    Safe to repeat: the code turns used and the agent appears, or changes, in one transaction conditional on both as
    they were read; the same code with the same key is answered with the same agent while that key is accepted, so an
    answer lost on the way costs nothing.

    Raises:
        Invalid: ``activation_code_invalid`` or ``proof_invalid``, naming the field.
        Conflict: ``activation_code_used`` by another key, ``activation_code_expired``, or ``agent_not_active``: the
            agent that the code was made for is deactivated.
    """
    code = normalise_code(request.code)
    if code is None:
        raise invalid_code("This is not an activation code: check it for typing errors (17 symbols, hyphens optional).")
    digest = code_digest(code)
    _check_proof(request, digest, now)
    for _ in range(_TRIES):
        key = keys.activation_code(digest)
        stored = documents.load([key]).get(key)
        if stored is None:
            raise invalid_code("There is no such activation code; ask the partner for a new one.")
        status = status_of(stored, now)
        if status is CodeStatus.USED:
            return grant_of(_same_agent(stored, request, documents, now))
        if status is not CodeStatus.UNUSED:
            raise refusal(status)
        before = _activatable(stored, documents)
        agent = activated(before, stored, request, now)
        after = used(stored, agent["agent_id"], thumbprint(request.jwk), now)
        entry = change_entry(before, agent, AgentDeed.ACTIVATED, now)
        if documents.commit([after, agent, watched(documents, agent, now), _told(agent, stored, now), entry]):
            return grant_of(agent)
    raise refusal(CodeStatus.USED)


def _activatable(code: Item, documents: Documents) -> Item:
    agent = find_agent(documents, code["for_agent_id"])
    if agent is None or AgentStatus(agent["status"]).is_over:
        raise Conflict("agent_not_active", AGENT_REFUSALS["agent_not_active"])
    return agent


def _told(agent: Item, code: Item, now: datetime) -> Item:
    data = {name: agent.get(name) for name in ("site_id", "name", "agent_version", "platform")}
    return outbox.told(
        EventName.AGENT_ACTIVATED,
        agent,
        subject_id=agent["agent_id"],
        fact=f"activated:{code['code_id']}",
        at=now,
        data=data,
    )


def _same_agent(code: Item, request: ActivationRequest, documents: Documents, now: datetime) -> Item:
    agent, asking = find_agent(documents, code["agent_id"]), thumbprint(request.jwk)
    accepted = accepted_keys(agent, now) if agent is not None and code["thumbprint"] == asking else []
    if agent is None or asking not in {key["thumbprint"] for key in accepted}:
        raise refusal(CodeStatus.USED)
    return agent


def _check_proof(request: ActivationRequest, digest: str, now: datetime) -> None:
    try:
        verify_proof(request.proof, request.jwk, digest, now)
    except TokenRefused as refused:
        field = FieldError(*_PROOF.get(refused.code, _PROOF_OTHERWISE))
        raise Invalid("proof_invalid", "The key or its proof is not valid; see 'errors'.", (field,)) from refused
