"""Who is calling: made only from what an authorizer verified, never from a path, body or header."""

from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from shared.errors import Forbidden, PlatenError, Unauthenticated
from shared.names import Scope

AGENT_REFUSALS: Final = {
    "agent_not_active": "This agent is deactivated; ask the partner for a new activation code.",
    "agent_suspended": "This agent is suspended; keep the readings and ask the partner to resume it.",
    "agent_suspect": (
        "Two holders of this agent's key were seen; keep the readings and ask the partner for a code that activates "
        "this agent again."
    ),
}
"""Why a known agent with a good token is not heard, and the way out, by code."""
_TOKEN_REFUSALS: Final = {
    "key_ended": "This key was exchanged for another and its time is over; sign with the newer one, or activate again."
}


class Owner(Protocol):
    """Whose something is: an agent's, a site's, an organisation's."""

    @property
    def tenant_id(self) -> str:
        """The tenant."""
        ...

    @property
    def organization_id(self) -> str:
        """The organisation in it."""
        ...

    @property
    def organization_path(self) -> str:
        """``/`` joined ids from the tenant's root to the organisation, ending in ``/``."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner key's holder. ``organization_path`` is ``/`` joined ids from the tenant's root, ending in ``/``."""

    tenant_id: str
    organization_id: str
    organization_path: str
    key_id: str
    scopes: frozenset[str]
    source_ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None

    @classmethod
    def from_rest_event(cls, event: dict[str, Any]) -> Self:
        """The caller of a REST API event; `Unauthenticated` when no authorizer vouched for one."""
        request_context = event.get("requestContext") or {}
        context = request_context.get("authorizer") or {}
        identity = request_context.get("identity") or {}
        try:
            return cls(
                tenant_id=context["tenant_id"],
                organization_id=context["organization_id"],
                organization_path=context["organization_path"],
                key_id=context["key_id"],
                scopes=frozenset(str(context["scopes"]).split()),
                source_ip=identity.get("sourceIp"),
                user_agent=identity.get("userAgent"),
                request_id=request_context.get("requestId"),
            )
        except KeyError as error:
            raise Unauthenticated("no_credential", "Send a valid partner key in the x-api-key header.") from error

    def require(self, scope: str) -> None:
        """Raise `Forbidden` unless the key has the scope."""
        if scope not in self.scopes:
            raise Forbidden("scope_missing", f"This key lacks the scope '{scope}'.")

    @property
    def is_operator(self) -> bool:
        """True for the operator of the installation."""
        return Scope.PLATFORM_ADMIN in self.scopes

    def can_see(self, organization_path: str) -> bool:
        """True when the organisation is the caller's own or below it."""
        return organization_path.startswith(self.organization_path)


@dataclass(frozen=True, slots=True)
class AgentCaller:
    """An agent whose token was verified; organisation and site come from the agent's row.

    ``kid`` names the key that signed; ``generation`` and its nonce are what the token presents.
    """

    agent_id: str
    tenant_id: str
    organization_id: str
    organization_path: str
    site_id: str
    kid: str = ""
    generation: int = 0
    generation_nonce: str = ""

    @classmethod
    def from_http_event(cls, event: dict[str, Any]) -> Self:
        """The calling agent of an HTTP API event (payload 2.0).

        An HTTP API cannot shape its authorizer's refusal, so our authorizer answers either the agent or the
        reason, and this, which every agent route goes through, refuses with a problem document.
        """
        authorizer = (event.get("requestContext") or {}).get("authorizer") or {}
        context = authorizer.get("lambda") or {}
        if context.get("agent_id"):
            return cls(
                agent_id=context["agent_id"],
                tenant_id=context["tenant_id"],
                organization_id=context["organization_id"],
                organization_path=context["organization_path"],
                site_id=context["site_id"],
                kid=context["kid"],
                generation=int(context["generation"]),
                generation_nonce=context["generation_nonce"],
            )
        raise agent_refusal(str(context.get("refusal") or "no_credential"))


def agent_refusal(code: str) -> PlatenError:
    """The problem of an agent's call that is refused for who makes it: 403 for a known one, otherwise 401."""
    if code in AGENT_REFUSALS:
        return Forbidden(code, AGENT_REFUSALS[code])
    otherwise = "Send 'Authorization: Bearer <token>' with a token signed by the agent's key."
    return Unauthenticated(code, _TOKEN_REFUSALS.get(code, otherwise))
