"""A fleet of simulated printers in a thread of its own, each at an address of its own on loopback."""

import asyncio
import errno
import socket
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path
from threading import Event, Thread
from typing import Final, Self

from local.printers.behaviour import Behaviour
from local.printers.clock import Clock, WallClock
from local.printers.device import PrinterModel, Purpose, printer_rows
from local.printers.messages import DEFAULT_MAX_RESPONSE
from local.printers.models.catalogue import MODELS
from local.printers.printer import Identity, SimulatedPrinter
from local.printers.recorded import cast_recordings, recorded_printers
from local.printers.responder import AddressUnavailableError, Responder, bind_udp
from local.printers.usage import Usage

COMMUNITY: Final = "public"
FIRST_ADDRESS: Final = IPv4Address("127.0.10.1")
SHARED_ADDRESS: Final = "127.0.0.1"
_PORT_TRIES: Final = 20
_LAST_HOST: Final = 254
_STOP_SECONDS: Final = 10.0


class FleetError(RuntimeError):
    """The fleet is not in the state that was asked for."""


def model_printer(model: PrinterModel, *, clock: Clock, community: str = COMMUNITY) -> SimulatedPrinter:
    """A printer of a built-in model."""
    behaviour = Behaviour(
        clock=clock,
        usage=Usage(pages_per_day=model.pages_per_day, seed=model.model),
        supplies=model.supplies,
        alerts=model.alerts,
    )
    if model.silent:
        behaviour.go_silent()
    return SimulatedPrinter(
        f"{model.manufacturer} {model.model}",
        printer_rows(model),
        behaviour,
        identity=Identity(manufacturer=model.manufacturer, model=model.model, serial=model.serial, mac=model.mac),
        community=community,
        in_programme=model.in_programme,
    )


def _address(position: int) -> str:
    network, host = divmod(position, _LAST_HOST)
    return str(FIRST_ADDRESS + network * 256 + host)


def _bind_all(addresses: Sequence[tuple[str, int]]) -> list[socket.socket]:
    """Binds all or none."""
    bound: list[socket.socket] = []
    try:
        for address in addresses:
            bound.append(bind_udp(address))  # noqa: PERF401  what was bound must be closed when one fails
    except AddressUnavailableError:
        for each in bound:
            each.close()
        raise
    return bound


def bind_addresses(count: int, port: int | None) -> list[socket.socket]:
    """One socket an address from 127.0.10.1 on, all on one port: ``port``, or one free on all of them.

    Raises:
        AddressUnavailableError: an address cannot be bound, or the port is in use.
    """
    if port is not None:
        return _bind_all([(_address(position), port) for position in range(count)])
    for attempt in range(1, _PORT_TRIES + 1):
        first = bind_udp((_address(0), 0))
        common = first.getsockname()[1]
        try:
            return [first, *_bind_all([(_address(position), common) for position in range(1, count)])]
        except AddressUnavailableError as error:
            first.close()
            if error.errno != errno.EADDRINUSE or attempt == _PORT_TRIES:
                raise
    return []


def bind_ports(count: int, port: int | None) -> list[socket.socket]:
    """One socket a port of 127.0.0.1: consecutive from ``port``, or free ones.

    Raises:
        AddressUnavailableError: a port is in use.
    """
    ports = [0] * count if port is None else range(port, port + count)
    return _bind_all([(SHARED_ADDRESS, each) for each in ports])


class SimulatedFleet:
    """Printers that answer SNMP v1/v2c on loopback from a thread of their own; a context manager.

    ``walks`` is a folder of `.snmprec` files, each served at its own address; without it the built-in models
    are served. ``same_address`` puts all on 127.0.0.1 with a port each, for systems whose loopback has one
    address. Commands of ``printers`` may be called from any thread.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        walks: Path | None = None,
        same_address: bool = False,
        port: int | None = None,
        max_response: int = DEFAULT_MAX_RESPONSE,
    ) -> None:
        clock = clock or WallClock()
        if walks is None:
            self.printers = [model_printer(model, clock=clock) for model in MODELS]
            self._cast = {
                model.purpose: printer
                for model, printer in zip(MODELS, self.printers, strict=True)
                if model.purpose is not None
            }
        else:
            self.printers = recorded_printers(walks, clock=clock, community=COMMUNITY)
            self._cast = cast_recordings(self.printers)
        self._same_address = same_address
        self._port = port
        self._responder = Responder(max_response=max_response)
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._serving = Event()
        self._end: asyncio.Event | None = None

    def for_purpose(self, purpose: Purpose) -> SimulatedPrinter:
        """The printer that plays a part in the demo."""
        return self._cast[purpose]

    def discovery_criteria(self) -> list[str]:
        """What an agent is told to search: every printer, and one address where nothing is at all.

        Raises:
            FleetError: the fleet was not started, so that it has no addresses yet.
        """
        targets = [printer.target for printer in self.printers]
        if not all(targets):
            raise FleetError("the fleet has no addresses before start()")
        if self._same_address:
            return targets
        port = targets[0].rpartition(":")[2]
        return [f"{_address(0)}-{_address(len(targets))}:{port}"]

    def requests(self) -> dict[str, int]:
        """Datagrams seen by all printers, by outcome."""
        return self._responder.totals()

    def start(self) -> None:
        """Binds every address and answers from then on.

        Raises:
            AddressUnavailableError: an address or port cannot be bound; nothing is left bound.
            FleetError: it was started before.
        """
        if self._thread is not None:
            raise FleetError("the fleet was started before")
        bind = bind_ports if self._same_address else bind_addresses
        sockets = bind(len(self.printers), self._port)
        for printer, bound in zip(self.printers, sockets, strict=True):
            host, port = bound.getsockname()
            printer.target = f"{host}:{port}"
        self._thread = Thread(target=self._run, args=(sockets,), name="simulated-printers", daemon=True)
        self._thread.start()
        if not self._serving.wait(_STOP_SECONDS):
            raise FleetError("the printers' thread did not start serving")

    def stop(self) -> None:
        """Closes every address and ends the thread; calling it again does nothing."""
        if self._thread is None or not self._thread.is_alive():
            return
        if self._loop is not None and self._end is not None:
            with suppress(RuntimeError):  # the loop ended between the question and the call
                self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(_STOP_SECONDS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, sockets: list[socket.socket]) -> None:
        asyncio.run(self._serve(sockets))

    async def _serve(self, sockets: list[socket.socket]) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        for printer, bound in zip(self.printers, sockets, strict=True):
            await self._responder.serve(printer, bound)
        self._serving.set()
        await self._end.wait()
        self._responder.close()
        await asyncio.sleep(0)  # lets the transports close their sockets
