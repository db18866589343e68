"""A partner made for one run: its keys, a customer with a site, agents that upload made-up readings."""

import secrets
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import httpx

from edge.cloud.keys import AgentKey, ServerClock, TokenMint, pending_key
from edge.version import AGENT_VERSION
from shared.clock import utc_now
from shared.names import API_KEY_HEADER, PARTNER_SCOPES
from shared.wire.activation import PROOF_AUDIENCE, ActivationGrant, ActivationRequest
from shared.wire.codes import code_digest, normalise_code
from shared.wire.reading import PrinterReading
from shared.wire.upload import GZIP_MEDIA_TYPE, Upload, reading_body
from tests.e2e.deployment import Deployment

Json = dict[str, Any]
ADDRESS: Final = {"address1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}
TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
PROOF_LIFETIME: Final = timedelta(minutes=5)
# A block for documentation (RFC 5737): nobody is ever asked.
DISCOVERY: Final = {"include": ["192.0.2.1"], "exclude": []}


class Key:
    """A partner key at the door of the partner API. Its secret is neither printed nor kept elsewhere."""

    def __init__(self, deployment: Deployment, secret: str | None, key_id: str | None = None) -> None:
        self.key_id = key_id
        self._http = httpx.Client(
            base_url=deployment.partner_api,
            headers={API_KEY_HEADER: secret} if secret else {},
            verify=deployment.tls,
            timeout=TIMEOUT,
            trust_env=not deployment.is_local,
        )

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own arguments
        """One request, whatever it is answered."""
        return self._http.request(method, path, **more)

    def get(self, path: str, **query: str) -> Json:
        """Read something that is there."""
        return _body(self.ask("GET", path, params=query))

    def send(self, path: str, body: Json, *, method: str = "POST") -> Json:
        """Make or set something, with an Idempotency-Key of its own."""
        return _body(self.ask(method, path, json=body, headers={"Idempotency-Key": uuid4().hex}))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()


@dataclass
class Agent:
    """An activated agent with its own key; reads no printer."""

    agent_id: str
    mint: TokenMint = field(repr=False)
    http: httpx.Client = field(repr=False)
    boot_id: str = field(default_factory=lambda: secrets.token_hex(8))
    seq: int = 0

    def upload(self, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        """Send a packed body as it is, with the agent's token."""
        given = {"authorization": f"Bearer {self.mint.token(utc_now())}", "content-type": GZIP_MEDIA_TYPE}
        return self.http.post("/v1/uploads", content=body, headers=given | (headers or {}))

    def batch(self, *readings: PrinterReading) -> bytes:
        """The next batch of the agent as JSON."""
        self.seq += 1
        upload = Upload(
            boot_id=self.boot_id,
            seq=self.seq,
            sent_at=utc_now(),
            agent_version=AGENT_VERSION,
            readings=[reading_body(reading) for reading in readings],
        )
        return upload.model_dump_json().encode()


@dataclass
class Throwaway:
    """A partner and its customer. Ends with its keys revoked; organisations cannot be deleted and stay."""

    deployment: Deployment
    operator: Key
    dealer: Key
    partner_id: str
    customer_id: str
    site_id: str
    folder: Path
    _ending: ExitStack = field(default_factory=ExitStack, repr=False)

    @classmethod
    def make(cls, deployment: Deployment, operator: Key, name: str, folder: Path) -> Self:
        """Make the partner, its key, a customer and a site."""
        root_organization = operator.send("/v1/organizations", {"name": name})
        root = root_organization["organization_id"]
        assert root_organization["parent_id"] is None, "the key is a partner's, not the operator's"
        wanted = {"organization_id": root, "name": name, "scopes": list(PARTNER_SCOPES)}
        issued = operator.send("/v1/api-keys", wanted)
        dealer = Key(deployment, issued["api_key"], issued["key_id"])
        customer = dealer.send("/v1/organizations", {"name": f"{name} customer", "parent_id": root})["organization_id"]
        site = dealer.send(
            "/v1/sites",
            {"organization_id": customer, "name": "Site", "address": ADDRESS, "time_zone": "Europe/Berlin"},
        )
        made = cls(deployment, operator, dealer, root, customer, site["site_id"], folder)
        made._ending.callback(dealer.__exit__)
        made._ending.callback(made.revoke, dealer)
        return made

    def key(self, *scopes: str) -> Key:
        """Another key of the partner, revoked at the end."""
        issued = self.dealer.send("/v1/api-keys", {"name": "Verification", "scopes": list(scopes)})
        key = Key(self.deployment, issued["api_key"], issued["key_id"])
        self._ending.callback(key.__exit__)
        self._ending.callback(self.revoke, key)
        return key

    def revoke(self, key: Key) -> None:
        """Revoke a key; safe to repeat."""
        query = {"organization_id": self.partner_id}
        self.operator.ask("DELETE", f"/v1/api-keys/{key.key_id}", params=query)

    def agent(self) -> Agent:
        """A newly activated agent of the site."""
        wanted = {"site_id": self.site_id, "name": "Verification", "discovery": DISCOVERY}
        code = normalise_code(self.dealer.send("/v1/activation-codes", wanted)["code"])
        assert code
        place = self.folder / secrets.token_hex(4)
        place.mkdir()
        key = pending_key(place)
        http = httpx.Client(
            base_url=self.deployment.agent_api,
            verify=self.deployment.tls,
            timeout=TIMEOUT,
            trust_env=not self.deployment.is_local,
        )
        self._ending.callback(http.close)
        request = ActivationRequest(code=code, jwk=key.jwk, proof=_proof(key, code), agent_version=AGENT_VERSION)
        answer = http.post("/v1/activations", json=request.model_dump(mode="json", exclude_none=True))
        grant = ActivationGrant.model_validate(_body(answer))
        return Agent(grant.agent_id, TokenMint(grant.agent_id, grant.audience, key, ServerClock()), http)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.__exit__(kind, error, trace)


def _proof(key: AgentKey, code: str) -> str:
    now = utc_now()
    claims: dict[str, str | int] = {
        "aud": PROOF_AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + PROOF_LIFETIME).timestamp()),
        "code_sha256": code_digest(code),
    }
    return key.sign(claims)


def _body(answer: httpx.Response) -> Json:
    """The body of a success; the message of a failure names no header, so no key."""
    request = answer.request
    assert answer.is_success, f"{request.method} {request.url.path} answered {answer.status_code}: {answer.text}"
    body: Json = answer.json() if answer.content else {}
    return body
