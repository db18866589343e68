"""The agent API in this process: real tokens, the real authorizer and routes, the in-memory store, a clock to set."""

import asyncio
import base64
import json
import shutil
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import edge.cloud.http
from edge.cloud.activation import AgentIdentity, activate, checked_code, load_identity
from edge.cloud.generation import Generation
from edge.cloud.http import CloudClient
from edge.cloud.keys import ServerClock, TokenMint, identity_key
from edge.cloud.rotation import KeyRotation
from functions.ingest import activation_api, settings, upload_api
from functions.ingest.agent_authorizer import Agents, judge
from functions.ingest.agent_desk.models import AgentDetails, Discovery, IssuedActivationCode, NewActivationCode
from functions.ingest.agent_desk.partner_agents import get_agent, issue_code, issue_code_for
from functions.ingest.agents.agent import find_agent
from functions.ingest.table import keys
from shared.directory.inherited import Explicit
from shared.directory.views import Address, ManagedStatus, SiteView
from shared.table import Item
from shared.visibility import Visible
from shared.wire.upload import UploadReceipt
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, SITE, function_context, http_event
from tests.support.edge_sending import SERVER, a_settings
from tests.support.ingest import FakeDocuments, packed, reading, upload_body

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = timedelta(days=1)
PATH = f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/"
VISIBLE = Visible(ROOT_ORGANIZATION, PATH)
ADDRESS = Address(address1="1 Way", city="Berlin", postal_code="10115", country="DE")
SITE_VIEW = SiteView(
    tenant_id=ROOT_ORGANIZATION,
    organization_id=CHILD_ORGANIZATION,
    organization_path=PATH,
    site_id=SITE,
    name="Head office",
    address=ADDRESS,
    time_zone="Europe/Berlin",
)
HANDLERS = {
    "/v1/activations": activation_api.lambda_handler,
    "/v1/keys": activation_api.lambda_handler,
    "/v1/uploads": upload_api.lambda_handler,
    "/v1/config": upload_api.lambda_handler,
}


class _NoSites:
    def site(self, _tenant_id: str, _site_id: str, *, consistent: bool = True) -> None:
        return None

    def explicit_settings(self, *_place: object) -> list[Explicit]:
        return []


@cache
def _trust() -> ssl.SSLContext:
    """Made once: reading the system's authorities takes longer than any test here, and nothing is encrypted."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class AgentCloud:
    """The cloud that agents call. ``lose`` says of an answer (path, number of its call) that it never arrives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.documents = FakeDocuments()
        self.authorizer = Agents(
            lambda agent_id, consistent: find_agent(self.documents, agent_id, consistent=consistent)
        )
        self.now = datetime(2026, 11, 22, 18, 20, 21, tzinfo=UTC)
        self.calls: list[tuple[str, int]] = []
        self.lose: Callable[[str, int], bool] = lambda _path, _number: False
        upload_api._zones.cache_clear()
        upload_api._contacts.cache_clear()
        upload_api._inheritance.cache_clear()
        monkeypatch.setattr(settings, "documents", lambda: self.documents)
        monkeypatch.setattr(settings, "accounts", _NoSites)
        monkeypatch.setattr(edge.cloud.http, "_trust", lambda _settings: _trust())
        for module in (activation_api, upload_api):
            monkeypatch.setattr(module, "utc_now", lambda: self.now)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Route a request as API Gateway does."""
        path, headers = request.url.path, dict(request.headers)
        event = http_event(request.method, path, request.content or None, headers=headers)
        if path != "/v1/activations":
            verdict = judge({name.lower(): value for name, value in headers.items()}, self.authorizer, self.now)
            event["requestContext"]["authorizer"] = {"lambda": verdict}
        answered = HANDLERS[path](event, function_context())
        self.calls.append((path, answered["statusCode"]))
        if self.lose(path, len(self.calls)):
            raise httpx.ReadError("cut")
        body = answered["body"]
        content = base64.b64decode(body) if answered.get("isBase64Encoded") else body.encode()
        given = answered.get("headers") or {n: v[0] for n, v in answered.get("multiValueHeaders", {}).items()}
        return httpx.Response(answered["statusCode"], content=content, headers={**given, "Date": self.date()})

    def date(self) -> str:
        """The ``Date`` of an answer."""
        return format_datetime(self.now, usegmt=True)

    def code(self) -> str:
        """A code for a new agent."""
        wanted = NewActivationCode(site_id=SITE, discovery=Discovery(include=["192.0.2.0/24"]))
        issued = issue_code(self.documents, SITE_VIEW, wanted, key_id="key_1", request_key=None, now=self.now)
        return issued.code

    def code_for(self, agent_id: str, *, visible: Visible = VISIBLE) -> IssuedActivationCode:
        """A code that activates an agent again."""
        return issue_code_for(
            self.documents,
            visible,
            agent_id,
            valid_for=timedelta(hours=72),
            key_id="key_1",
            request_key=None,
            now=self.now,
        )

    def row(self, agent_id: str) -> Item:
        """The agent as it is stored."""
        return self.documents.load([keys.agent(agent_id)])[keys.agent(agent_id)]

    def shown(self, agent_id: str) -> AgentDetails:
        """The agent as its partner sees it."""
        details, _ = get_agent(
            self.documents,
            VISIBLE,
            agent_id,
            statuses_of=lambda _tenant_id, printers: [ManagedStatus.UNMANAGED] * len(printers),
            required_version="0.1.0",
            now=self.now,
        )
        return details


class SiteAgent:
    """One copy of an agent's state folder, with as much of the agent as talks to the cloud."""

    def __init__(self, cloud: AgentCloud, folder: Path, *, knows_time: bool = True) -> None:
        self.cloud, self.folder, self.knows_time = cloud, folder, knows_time
        self.clock = ServerClock()
        self.seq = 0

    def client(self) -> CloudClient:
        """A client whose only network is the cloud in this process."""
        self._hear()
        return CloudClient(a_settings(self.folder), self.clock, httpx.MockTransport(self.cloud.answer))

    def _hear(self) -> None:
        if self.knows_time:
            self.clock.observe(self.cloud.date(), datetime.now(UTC))

    async def activate(self, code: str) -> AgentIdentity:
        """Redeem a code."""
        async with self.client() as client:
            return await activate(
                checked_code(code), client=client, clock=self.clock, server=SERVER, state_dir=self.folder
            )

    def mint(self) -> TokenMint:
        """What signs tokens, as a process that just started has it."""
        identity = load_identity(self.folder)
        self._hear()
        key = identity_key(self.folder, identity.kid)
        generation = Generation.load(self.folder, identity.agent_id, identity.activated_at)
        return TokenMint(identity.agent_id, identity.audience, key, self.clock, generation)

    async def rotate(self) -> str | None:
        """Look after the key once, as a process that just started; why it did not work."""
        async with self.client() as client:
            return await KeyRotation(self.folder, client, self.mint()).step()

    def copy(self, folder: Path) -> "SiteAgent":
        """Another holder of the same state, as a copied virtual machine or a restored backup is."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return SiteAgent(self.cloud, folder)

    async def upload(self, mint: TokenMint | None = None) -> tuple[int, Any]:
        """Send a reading as a process that just started; status and body. The receipt's generation is learned."""
        self._hear()
        mint, self.seq = mint or self.mint(), self.seq + 1
        now = datetime.now(UTC)
        sent = reading(f"r{self.seq}", taken_at=mint.clock.corrected(now))
        body = upload_body(sent, seq=self.seq, boot_id=self.folder.name, sent_at=mint.clock.corrected(now))
        headers = {"Authorization": f"Bearer {mint.token(now)}", "Content-Type": "application/gzip"}
        async with self.client() as client:
            answer = await client.request("POST", "/v1/uploads", headers=headers, content=packed(body))
        if answer.is_success:
            mint.learn(UploadReceipt.model_validate_json(answer.content).generation)
        return answer.status, json.loads(answer.content)


def activated(cloud: AgentCloud, folder: Path) -> SiteAgent:
    """An agent by a new code."""
    made = SiteAgent(cloud, folder)
    asyncio.run(made.activate(cloud.code()))
    return made


def uploaded(agent: SiteAgent) -> tuple[int, Any]:
    """Status and body of one upload."""
    return asyncio.run(agent.upload())


def status_at(cloud: AgentCloud, agent: SiteAgent) -> str:
    """The agent's status as its partner sees it."""
    return cloud.shown(load_identity(agent.folder).agent_id).status.value


def suspect(cloud: AgentCloud, agent: SiteAgent, tmp_path: Path) -> SiteAgent:
    """A copy, in a folder beside, that made the agent suspect."""
    copy = agent.copy(tmp_path / "copy")
    for _ in range(2):
        uploaded(agent)
        uploaded(copy)
        cloud.now += DAY
    assert status_at(cloud, agent) == "suspect"
    return copy
