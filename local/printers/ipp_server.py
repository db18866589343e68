"""A simulated printer's IPP service: Get-Printer-Attributes over HTTP or HTTPS, and the ways printers get it wrong.

By hand: ``python -m local.printers.ipp_server [--port 8631] [--mode well_behaved]``.
"""

import argparse
import asyncio
import contextlib
import ssl
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, Self

from local.printers.clock import WallClock
from local.printers.fleet import model_printer
from local.printers.ipp_encoding import Attribute, IppRequest, answer_octets, read_request
from local.printers.ipp_state import ipp_attributes
from local.printers.models.catalogue import MODELS

GET_PRINTER_ATTRIBUTES: Final = 0x000B
_OPERATION_NOT_SUPPORTED: Final = 0x0501
_VERSION_NOT_SUPPORTED: Final = 0x0503
_NOT_FOUND: Final = 0x0406
_MAX_REQUEST_OCTETS: Final = 64 * 1024
_HUGE_OCTETS: Final = 2 * 1024 * 1024
_DRIP_SECONDS: Final = 0.2
_IDLE_SECONDS: Final = 30.0


class Mode(StrEnum):
    """How the service behaves."""

    WELL_BEHAVED = "well_behaved"
    UPGRADE = "upgrade"
    REDIRECT = "redirect"
    PASSWORD = "password"  # noqa: S105  a mode's name
    OLD = "old"
    TALKATIVE = "talkative"
    TRUNCATED = "truncated"
    GARBAGE = "garbage"
    HUGE = "huge"
    COMPRESSED = "compressed"
    WEB_PAGE = "web_page"
    DRIP = "drip"
    MUTE = "mute"
    HANG_UP = "hang_up"


Attributes = Callable[[], Mapping[str, Attribute]]


class IppService:
    """Serves attributes at a path of a port of loopback. An async context manager.

    Attributes:
        port: where it listens, once it does.
        requests: what was asked, in order.
        connections: how many were taken.
    """

    def __init__(
        self,
        attributes: Attributes,
        *,
        mode: Mode = Mode.WELL_BEHAVED,
        path: str = "/ipp/print",
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._attributes = attributes
        self._mode = mode
        self._path = path
        self._tls = tls
        self._host = host
        self.port = port
        self.requests: list[IppRequest] = []
        self.paths: list[str] = []
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._taken, self._host, self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                while await self._served(reader, writer):
                    pass
        except (OSError, ValueError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the client went away, or is none, or the service ends
        finally:
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection stays."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin_1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        length = int(headers.get("content-length", "0"))
        if length > _MAX_REQUEST_OCTETS:
            return False
        path = head[0].split(" ")[1]
        self.paths.append(path)
        self.requests.append(read_request(await reader.readexactly(length)))
        if self._mode is Mode.MUTE:
            await asyncio.sleep(_IDLE_SECONDS)
        if self._mode is Mode.HANG_UP:
            return False
        status, content, more = self._answer(path, self.requests[-1])
        if self._mode is Mode.DRIP:
            return await _drip(writer, content)
        announced = len(content) + (100 if self._mode is Mode.TRUNCATED else 0)
        fields = {"Content-Type": "application/ipp", **more, "Content-Length": str(announced)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + content)
        await writer.drain()
        return self._mode is not Mode.TRUNCATED

    def _answer(self, path: str, request: IppRequest) -> tuple[str, bytes, dict[str, str]]:
        known: dict[Mode, tuple[str, bytes, dict[str, str]]] = {
            Mode.UPGRADE: ("426 Upgrade Required", b"", {"Upgrade": "TLS/1.2", "Connection": "Upgrade"}),
            Mode.REDIRECT: ("302 Found", b"", {"Location": f"http://127.0.0.1:{self.port}/elsewhere"}),
            Mode.PASSWORD: ("401 Unauthorized", b"", {"WWW-Authenticate": 'Basic realm="printer"'}),
            Mode.WEB_PAGE: ("200 OK", b"<html>Embedded web server</html>", {"Content-Type": "text/html"}),
            Mode.GARBAGE: ("200 OK", bytes(range(256)) * 4, {}),
            Mode.HUGE: ("200 OK", b"\0" * _HUGE_OCTETS, {}),
        }
        if self._mode in known:
            return known[self._mode]
        if path != self._path:
            return "404 Not Found", b"", {"Content-Type": "text/html"}
        more = {"Content-Encoding": "gzip"} if self._mode is Mode.COMPRESSED else {}
        return "200 OK", self._message(request), more

    def _message(self, request: IppRequest) -> bytes:
        if self._mode is Mode.OLD and request.version > (1, 1):
            return answer_octets({}, request_id=request.request_id, status=_VERSION_NOT_SUPPORTED, version=(1, 1))
        if request.operation != GET_PRINTER_ATTRIBUTES:
            return answer_octets({}, request_id=request.request_id, status=_OPERATION_NOT_SUPPORTED)
        wanted = set(request.attributes.get("requested-attributes", ["all"]))
        every = self._mode is Mode.TALKATIVE or "all" in wanted
        shown = {name: each for name, each in self._attributes().items() if every or name in wanted}
        return answer_octets(shown, request_id=request.request_id, status=0 if shown else _NOT_FOUND)


async def _drip(writer: asyncio.StreamWriter, content: bytes) -> bool:
    """Octet after octet, each soon enough to look alive."""
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {len(content)}\r\n\r\n".encode())
    for octet in content:
        writer.write(bytes([octet]))
        await writer.drain()
        await asyncio.sleep(_DRIP_SECONDS)
    return False


async def _serve(port: int, mode: Mode) -> None:
    printer = model_printer(MODELS[0], clock=WallClock())
    async with IppService(lambda: ipp_attributes(printer), mode=mode, port=port) as service:
        print(f"{printer.name} answers IPP ({mode}) on 127.0.0.1:{service.port}. Ctrl-C ends it.", flush=True)  # noqa: T201
        await asyncio.Event().wait()


def main() -> None:
    """Serve the first built-in model until stopped."""
    parser = argparse.ArgumentParser(description="A simulated printer that answers IPP on loopback.")
    parser.add_argument("--port", type=int, default=8631)
    parser.add_argument("--mode", type=Mode, default=Mode.WELL_BEHAVED, choices=list(Mode))
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.port, options.mode))


if __name__ == "__main__":
    main()
