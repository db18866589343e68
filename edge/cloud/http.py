"""The agent's only way out: HTTPS requests to one server, bounded in time and size, without redirects."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import certifi
from pydantic import BaseModel, ConfigDict, ValidationError

from edge.bare_imports import without_console
from edge.cloud.keys import ServerClock, http_date
from edge.config.settings import AgentSettings, ConfigError
from edge.version import AGENT_VERSION

with without_console():
    import httpx

MAX_ANSWER_BYTES = 4 * 1024 * 1024
REQUEST_SECONDS = 60.0  # for a whole exchange; httpx's own limits are per socket operation
PROBLEM_TYPE = "application/problem+json"


class CloudUnreachableError(Exception):
    """No usable answer came: network, TLS, proxy or time limit. Nothing is known about the request's fate."""


class ProblemField(BaseModel):
    """What is wrong with one field, and the fix."""

    model_config = ConfigDict(extra="ignore")

    pointer: str = ""
    detail: str = ""


class Problem(BaseModel):
    """What an RFC 9457 problem document says to a person; its other members are not needed here."""

    model_config = ConfigDict(extra="ignore")

    title: str = ""
    detail: str = ""
    errors: list[ProblemField] = []

    def __str__(self) -> str:
        said = ": ".join(part for part in (self.title, self.detail) if part)
        fields = "; ".join(f"{error.pointer}: {error.detail}" for error in self.errors if error.detail != self.detail)
        return harmless(f"{said} {fields}".strip()[:500])


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read whole."""

    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004  the class of success, RFC 9110 section 15.3

    @property
    def problem(self) -> Problem | None:
        """The problem document, or None: then the answer is not our server's but something's on the way."""
        if not self.headers.get("content-type", "").startswith(PROBLEM_TYPE):
            return None
        try:
            return Problem.model_validate_json(self.content)
        except ValidationError:
            return None

    def retry_after_seconds(self, now: datetime) -> float | None:
        """The wait asked for by ``Retry-After``, as seconds or as a date (RFC 9110 section 10.2.3)."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value)
        at = http_date(value)
        return None if at is None else max(0.0, (at - now).total_seconds())


class CloudClient:
    """Requests to the configured server; learns the server's time from every answer."""

    def __init__(
        self, settings: AgentSettings, clock: ServerClock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._server = settings.server
        self._clock = clock
        trust = _trust(settings)
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=trust,
            proxy=None if transport else _proxy(settings, trust),
            timeout=httpx.Timeout(30.0, connect=10.0),
            limits=httpx.Limits(max_connections=2, keepalive_expiry=30.0),
            headers={
                "User-Agent": f"platen-agent/{AGENT_VERSION}",
                "Accept": "application/json, application/problem+json",
                "Accept-Encoding": "identity",
            },
            follow_redirects=False,
            trust_env=False,  # the configuration file is the only place to set a proxy or an authority
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> Answer:
        """Send one request to ``path`` (such as ``/v1/uploads``) and read the answer.

        Raises:
            CloudUnreachableError: No answer, one over `MAX_ANSWER_BYTES`, or a compressed one: a few octets of such
                can be gigabytes.
        """
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                return await self._exchange(method, path, dict(headers or {}), content)
        except TimeoutError as error:
            raise CloudUnreachableError(f"{self._server} did not answer within {REQUEST_SECONDS:.0f} s") from error
        except httpx.HTTPError as error:
            raise CloudUnreachableError(f"{self._server} cannot be reached: {_reason(error)}") from error

    async def _exchange(self, method: str, path: str, headers: dict[str, str], content: bytes | None) -> Answer:
        async with self._client.stream(method, self._server + path, headers=headers, content=content) as response:
            self._clock.observe(response.headers.get("date"), datetime.now(UTC))
            if response.headers.get("content-encoding", "identity").strip().casefold() != "identity":
                raise CloudUnreachableError(f"{self._server} sent a compressed answer, which was not asked for")
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise CloudUnreachableError(f"{self._server} sent an answer over {MAX_ANSWER_BYTES} bytes")
            return Answer(response.status_code, response.headers, bytes(body))


def _proxy(settings: AgentSettings, trust: ssl.SSLContext) -> httpx.Proxy | None:
    """The proxy of the configuration; one that is spoken to by TLS is believed as the server is."""
    if settings.proxy is None:
        return None
    url = settings.proxy.get_secret_value()
    return httpx.Proxy(url, ssl_context=trust if url.startswith("https:") else None)


def _trust(settings: AgentSettings) -> ssl.SSLContext:
    """What the server and an https proxy are believed by: certificates are always verified, TLS 1.2 or newer.

    Not `ssl.create_default_context`: that writes the session keys to the file that ``SSLKEYLOGFILE`` in the
    environment names, and who has them reads all that is sent.

    Raises:
        ConfigError: ``ca_file`` holds no certificates.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the certificate and the name in it
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(settings.ca_file or certifi.where())
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"ca_file {settings.ca_file} holds no usable PEM certificates: {error}") from error
    return context


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "timed out"
    return harmless(str(error)) or type(error).__name__


def harmless(text: str) -> str:
    """Words from outside without what acts on the terminal that shows them: control and direction characters."""
    return "".join(each if each.isprintable() else " " for each in text)
