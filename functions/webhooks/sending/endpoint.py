"""`Endpoint` over HTTPS: one POST inside one time limit, to the address that was checked, no redirect followed."""

import asyncio
import ssl
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from threading import Thread
from time import monotonic
from typing import Final

import httpx

from functions.webhooks.table.ports import Answer
from shared.address_fence import Destination, Resolver, destination, resolve_host
from shared.errors import PlatenError

CONNECT_SECONDS: Final = 3.0
WHOLE_SECONDS: Final = 10.0
"""From the look-up of the host's name to the end of the answer, however slowly that comes."""
MAX_ANSWER_BYTES: Final = 4_096
EXCERPT: Final = 300
USER_AGENT: Final = "Platen-Webhooks/1"


@dataclass(frozen=True, slots=True)
class HttpsEndpoint:
    """Sends messages. ``private_hosts`` may be reached although they are not public; empty in production."""

    tls: ssl.SSLContext
    private_hosts: Collection[str]
    resolve: Resolver = resolve_host
    transport: httpx.AsyncBaseTransport | None = None

    def post(self, url: str, headers: Mapping[str, str], body: bytes, at: datetime) -> Answer:
        """Send it once; the answer says which status came, or why none did: never more than a code of ours."""
        began = monotonic()
        try:
            where = _within(WHOLE_SECONDS, lambda: self._destination(url))
            left = WHOLE_SECONDS - (monotonic() - began)
            status, retry_after, said = asyncio.run(self._posted(where, headers, body, left))
        except PlatenError as error:
            return Answer(at=at, duration_ms=_since(began), error=error.code)
        except (httpx.HTTPError, TimeoutError) as error:
            return Answer(at=at, duration_ms=_since(began), error=_reason(error))
        return Answer(
            at=at,
            duration_ms=_since(began),
            status=status,
            error=None if status < HTTPStatus.MULTIPLE_CHOICES else _refusal(status),
            response_excerpt=_excerpt(said),
            retry_after=int(retry_after) if retry_after.isascii() and retry_after.isdigit() else None,
        )

    def _destination(self, url: str) -> Destination:
        return destination(url, private_hosts=self.private_hosts, resolve=self.resolve, may_query=True)

    async def _posted(
        self, where: Destination, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> tuple[int, str, bytes]:
        """Status, Retry-After and the beginning of the answer, within what is left of the time."""
        timeout = httpx.Timeout(WHOLE_SECONDS, connect=CONNECT_SECONDS)
        url = httpx.URL(
            scheme=where.scheme,
            host=where.address,
            port=where.port,
            path=where.path or "/",
            query=where.query.encode() or None,
        )
        async with asyncio.timeout(seconds):
            async with httpx.AsyncClient(
                verify=self.tls, timeout=timeout, follow_redirects=False, trust_env=False, transport=self.transport
            ) as client:
                request = client.build_request(
                    "POST",
                    url,
                    content=body,
                    headers={**headers, **_own_headers(where)},
                    extensions={"sni_hostname": where.host},
                )
                response = await client.send(request, stream=True)
                try:
                    said = await _beginning(response)
                finally:
                    await response.aclose()
                return response.status_code, response.headers.get("retry-after", "")[:6], said


def _within(seconds: float, look_up: Callable[[], Destination]) -> Destination:
    """What the look-up finds; `TimeoutError` when it has not by then.

    The system's resolver has no time limit that a caller could set, nor can it be stopped: a thread that nothing waits
    for is left to end by itself.
    """
    found: Future[Destination] = Future()

    def run() -> None:
        try:
            found.set_result(look_up())
        except Exception as error:  # noqa: BLE001 - raised again where the result is asked for
            found.set_exception(error)

    Thread(target=run, name="webhook-look-up", daemon=True).start()
    return found.result(timeout=seconds)


def _own_headers(where: Destination) -> dict[str, str]:
    return {
        "Host": where.authority,
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": USER_AGENT,
    }


async def _beginning(response: httpx.Response) -> bytes:
    """As much of the answer as is kept, as it came: unpacking what was packed would have no bound."""
    received = b""
    async for chunk in response.aiter_raw():
        received += chunk
        if len(received) >= MAX_ANSWER_BYTES:
            break
    return received[:MAX_ANSWER_BYTES]


def _excerpt(said: bytes) -> str | None:
    """What may be shown of an answer: its first characters, none of them a control character."""
    text = "".join(each if each.isprintable() else " " for each in said.decode(errors="replace"))
    return " ".join(text.split())[:EXCERPT] or None


def _refusal(status: int) -> str:
    return "redirect_not_followed" if status < HTTPStatus.BAD_REQUEST else "refused"


def _reason(error: httpx.HTTPError | TimeoutError) -> str:
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return "timeout"
    if isinstance(error, httpx.ConnectError):
        return "tls_failed" if "CERTIFICATE" in str(error) or "SSL" in str(error) else "not_connected"
    return "connection_lost"


def _since(began: float) -> int:
    return round((monotonic() - began) * 1_000)
