"""Asks one printer over IPP: a single request, Get-Printer-Attributes, bounded in time and size.

httpx carries it, as everything else of the agent that is HTTP: pyipp's own client reads answers of any size. There
are no redirects, no proxy, no cookies, no password, and a compressed answer is refused.

Printers sign their certificates themselves, so none is verified: over TLS the answer is hidden from bystanders, but
who sent it is known no better than over SNMP v2c. Nothing confidential is sent to a printer.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from edge.bare_imports import without_console
from edge.ipp.attributes import Attributes
from edge.ipp.message import IppAnswer, MalformedAnswer, read_answer, request_octets
from edge.version import AGENT_VERSION

with without_console():
    import httpx

PATHS: Final = ("/ipp/print", "/ipp/printer", "/ipp", "/")
"""Where printers answer, tried in this order: the first is that of IPP Everywhere and AirPrint."""

_MEDIA_TYPE: Final = "application/ipp"
_OK: Final = 200
_UPGRADE_REQUIRED: Final = 426
_REDIRECTIONS: Final = range(300, 400)
_PASSWORD_WANTED: Final = frozenset({401, 403})
_BAD_REQUEST: Final = 0x0400
_VERSION_NOT_SUPPORTED: Final = 0x0503
_NO_PRINTER: Final = "no printer there"
_NEWEST: Final = (2, 0)
_OLDEST: Final = (1, 1)


class IppError(Exception):
    """The printer cannot be asked over IPP; the message says why."""


class IppSilent(IppError):
    """Nothing answered at all: the printer is off, or a firewall is in the way."""


@dataclass(frozen=True, slots=True)
class IppLimits:
    """What one printer may cost over IPP.

    Attributes:
        connect_seconds: until the connection stands.
        request_seconds: one request and its whole answer.
        printer_seconds: everything that is tried.
        answer_octets: one answer.
    """

    connect_seconds: float = 2.0
    request_seconds: float = 3.0
    printer_seconds: float = 10.0
    answer_octets: int = 256 * 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How a printer answers: what to ask next time without trying."""

    tls: bool = False
    path: str = PATHS[0]
    version: tuple[int, int] = _NEWEST

    def __str__(self) -> str:
        """For people: ``http /ipp/print``."""
        return f"{'https' if self.tls else 'http'} {self.path}"


class _TryTls(Exception):
    """Not over plain HTTP: it asked for TLS, or broke the connection off as servers do that speak only that."""


class _TryNext(Exception):
    """Nothing at this path."""


async def listens(address: str, port: int, *, seconds: float = 1.0) -> bool | None:
    """Whether something takes connections there; None when nothing answered in time."""
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(address, port)
    except TimeoutError:
        return None
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def attributes(
    address: str, port: int, *, known: Endpoint | None = None, limits: IppLimits | None = None
) -> tuple[Attributes, Endpoint]:
    """What the printer answers, and how it was asked.

    Args:
        address: an IP address, resolved and allowed already.
        port: 631 unless the site says otherwise.
        known: how it answered before; asked first, and alone when it still answers.
        limits: what the printer may cost.

    Raises:
        IppSilent: nothing answered.
        IppError: something answered, but no printer that can be read.
    """
    limits = limits or IppLimits()
    host = f"[{address}]" if ":" in address else address
    try:
        async with asyncio.timeout(limits.printer_seconds), _client(limits) as client:
            exchange = _Exchange(client, f"{host}:{port}", limits)
            if known is not None:
                with contextlib.suppress(_TryTls, _TryNext):
                    return await exchange.ask(known)
            return await exchange.search()
    except TimeoutError as error:
        raise IppError(f"no usable answer within {limits.printer_seconds:g} s") from error


class _Exchange:
    """The requests to one printer."""

    def __init__(self, client: httpx.AsyncClient, authority: str, limits: IppLimits) -> None:
        self._client = client
        self._authority = authority
        self._limits = limits
        self._seen = ""

    async def search(self) -> tuple[Attributes, Endpoint]:
        """Plain HTTP first, TLS when the printer wants it or does not answer otherwise."""
        for tls in (False, True):
            for path in PATHS:
                try:
                    return await self.ask(Endpoint(tls, path))
                except _TryNext:
                    continue
                except _TryTls:
                    break
        raise IppError(self._seen)

    async def ask(self, endpoint: Endpoint) -> tuple[Attributes, Endpoint]:
        """Ask at one place, an old printer once more in the oldest version."""
        answer = await self._answer(endpoint)
        if answer.status in {_BAD_REQUEST, _VERSION_NOT_SUPPORTED} and endpoint.version != _OLDEST:
            endpoint = Endpoint(endpoint.tls, endpoint.path, _OLDEST)
            answer = await self._answer(endpoint)
        if not answer.is_success:
            raise self._next(f"IPP status {answer.status:#06x}")
        if not answer.attributes.items:
            raise self._next("an answer without attributes")
        return answer.attributes, endpoint

    async def _answer(self, endpoint: Endpoint) -> IppAnswer:
        content = await self._post(endpoint)
        try:
            return read_answer(content)
        except MalformedAnswer as error:
            raise IppError(f"its IPP answer cannot be read: {error}") from error

    async def _post(self, endpoint: Endpoint) -> bytes:
        uri = f"{'ipps' if endpoint.tls else 'ipp'}://{self._authority}{endpoint.path}"
        url = f"{'https' if endpoint.tls else 'http'}://{self._authority}{endpoint.path}"
        # In a thread: the first one loads pyipp, and the printers read meanwhile would wait for that.
        request = await asyncio.to_thread(request_octets, uri, version=endpoint.version)
        try:
            async with asyncio.timeout(self._limits.request_seconds):
                async with self._client.stream("POST", url, content=request) as response:
                    self._check(response, tls=endpoint.tls)
                    return await self._body(response)
        except (httpx.ConnectTimeout, httpx.ConnectError) as error:
            raise self._no_connection(error) from error
        except (TimeoutError, httpx.HTTPError) as error:
            self._seen = "it takes connections, but does not answer as a printer"
            raise (IppError(self._seen) if endpoint.tls else _TryTls) from error
        except httpx.InvalidURL as error:
            raise IppError(f"cannot be asked at {self._authority}") from error

    def _check(self, response: httpx.Response, *, tls: bool) -> None:
        status = response.status_code
        if status == _UPGRADE_REQUIRED or status in _REDIRECTIONS:  # never followed; often it means: by TLS
            self._seen = f"it wants TLS or points elsewhere (HTTP status {status}), and does not answer by TLS"
            raise _TryNext if tls else _TryTls
        if status in _PASSWORD_WANTED:
            raise self._next("it wants a password for IPP")
        if status != _OK:
            raise self._next(f"{_NO_PRINTER} (HTTP status {status})")
        if response.headers.get("content-type", "").partition(";")[0].strip().casefold() != _MEDIA_TYPE:
            raise self._next("an answer that is not IPP")
        if response.headers.get("content-encoding", "identity").strip().casefold() != "identity":
            raise self._next("a compressed answer")

    async def _body(self, response: httpx.Response) -> bytes:
        content = bytearray()
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > self._limits.answer_octets:
                raise IppError(f"an answer of more than {self._limits.answer_octets} octets")
        return bytes(content)

    def _no_connection(self, error: httpx.TransportError) -> IppError:
        if self._seen:  # it took connections a moment ago: this was the try for TLS
            return IppError(self._seen)
        if isinstance(error, httpx.ConnectTimeout):
            return IppSilent("nothing answers at the IPP port")
        return IppError("nothing takes connections at the IPP port")

    def _next(self, seen: str) -> _TryNext:
        if not self._seen or not seen.startswith(_NO_PRINTER):  # "not found" elsewhere explains nothing
            self._seen = seen
        return _TryNext()


@contextlib.asynccontextmanager
async def _client(limits: IppLimits) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        verify=_unverified(),
        timeout=httpx.Timeout(limits.request_seconds, connect=limits.connect_seconds),
        limits=httpx.Limits(max_connections=1),
        headers={
            "User-Agent": f"platen-agent/{AGENT_VERSION}",
            "Content-Type": _MEDIA_TYPE,
            "Accept": _MEDIA_TYPE,
            "Accept-Encoding": "identity",
        },
        follow_redirects=False,
        trust_env=False,
    ) as client:
        yield client


@lru_cache(maxsize=1)
def _unverified() -> ssl.SSLContext:
    """TLS 1.2 or newer with whatever certificate and key size the printer has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # keys of 1,024 bits and SHA-1 signatures are common in printers
    return context
