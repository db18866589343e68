"""The demo's fulfilment partner: takes signed orders over HTTP and reports by callback what became of them."""

import json
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any, Final, Self

import trustme

from local.partner_callbacks import Callback, CallbackSender, Platform
from local.partner_signature import SignatureError, verify

log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
MAX_BODY_BYTES: Final = 65_536
_SOCKET_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.05


class Mode(StrEnum):
    """How the partner treats orders."""

    NORMAL = "normal"
    REJECT = "reject"
    BACKORDER = "backorder"


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds between an order and its callbacks; ``deliver_seconds`` None waits for `deliver`."""

    acknowledge_seconds: float = 0.1
    ship_seconds: float = 0.3
    deliver_seconds: float | None = None


@dataclass
class ReceivedOrder:
    """An order as it came in; ``submissions`` counts how often."""

    order_id: str
    purchase_order: str
    reference: str
    body: dict[str, Any]
    message_ids: set[str] = field(default_factory=set)
    submissions: int = 1


def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """A TLS context for the partner's address, with a certificate of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, "localhost").configure_cert(context)
    return context


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Notes a broken connection without a traceback on the demo's screen."""
        log.debug("connection failed", extra={"client": str(client_address), "request": type(request).__name__})


class FulfilmentPartner:
    """A distributor on loopback; a context manager.

    An order is known by its purchase order: sent again it gets the same reference and ships nothing more.
    The notice of shipment is sent twice on purpose, with one ``event_id``. ``fail_first`` orders are answered
    503 before the partner works.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        mode: Mode = Mode.NORMAL,
        fail_first: int = 0,
        timing: Timing | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.mode = mode
        self._failures_left = fail_first
        self._timing = timing or Timing()
        self._now = now
        self._secret: str | None = None
        self._sender: CallbackSender | None = None
        self._orders: dict[str, ReceivedOrder] = {}
        self._changed = Condition()
        self._server = _Server((HOST, 0), self._handler())
        if tls is not None:
            # The handshake belongs to the connection's own thread: a slow client must not stop the others.
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'http' if tls is None else 'https'}://{HOST}:{self._server.server_address[1]}"
        self._thread = Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="fulfilment-partner", daemon=True
        )

    def start(self) -> None:
        """Takes orders from now on; until `connect` all are refused with 401."""
        self._thread.start()

    def connect(self, *, secret: str, platform: Platform) -> None:
        """Learns the signing secret and where to call back, which exist once the platform knows ``url``."""
        if self._sender is not None:
            self._sender.close()
        self._sender = CallbackSender(platform, now=self._now)
        self._secret = secret

    def stop(self) -> None:
        """Closes the address and ends the threads."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(_STOP_SECONDS)
        self._server.server_close()
        if self._sender is not None:
            self._sender.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def received_orders(self) -> list[ReceivedOrder]:
        """The orders taken, one for each purchase order."""
        with self._changed:
            return list(self._orders.values())

    @property
    def callbacks(self) -> list[Callback]:
        """Callbacks the platform answered for good, or that were given up."""
        return [] if self._sender is None else self._sender.done()

    def deliver(self, order_id: str) -> None:
        """Reports an order as delivered.

        Raises:
            KeyError: no such order was taken.
        """
        with self._changed:
            order = next((order for order in self._orders.values() if order.order_id == order_id), None)
        if order is None:
            raise KeyError(f"no order {order_id} was received")
        self._report(order, "delivered", 0.0)

    def wait_for(
        self, condition: Callable[["FulfilmentPartner"], bool], *, timeout_seconds: float = 30.0, what: str = "partner"
    ) -> None:
        """Waits until ``condition`` of this partner holds.

        Raises:
            TimeoutError: it did not in time; the message says ``what`` and what the partner has seen.
        """
        deadline = time.monotonic() + timeout_seconds
        while not condition(self):
            if time.monotonic() >= deadline:
                sent = [(callback.body["type"], callback.status) for callback in self.callbacks]
                raise TimeoutError(
                    f"{what}: not within {timeout_seconds:g} s; orders {len(self._orders)}, callbacks {sent}"
                )
            with self._changed:
                self._changed.wait(_POLL_SECONDS)

    def take(self, body: bytes, headers: dict[str, str]) -> tuple[HTTPStatus, dict[str, str]]:
        """Answers one submission. Repeating it changes nothing: the purchase order is the key."""
        if self._secret is None:
            return HTTPStatus.UNAUTHORIZED, {"error": "no secret was agreed yet"}
        try:
            message_id = verify(self._secret, headers, body, now=time.time())
        except SignatureError as error:
            return HTTPStatus.UNAUTHORIZED, {"error": str(error)}
        try:
            order = json.loads(body)
            order_id, purchase_order = str(order["order_id"]), str(order["purchase_order"])
            lines = [(str(line["description"]), int(line["quantity"])) for line in order["lines"]]
        except (ValueError, KeyError, TypeError) as error:
            return HTTPStatus.BAD_REQUEST, {"error": f"not an order: {type(error).__name__} {error}"}
        if not lines:
            return HTTPStatus.BAD_REQUEST, {"error": "not an order: lines is empty"}
        with self._changed:
            if self._failures_left > 0:
                self._failures_left -= 1
                return HTTPStatus.SERVICE_UNAVAILABLE, {"error": "try again"}
            known = self._orders.get(purchase_order)
            if known is None:
                known = ReceivedOrder(order_id, purchase_order, f"DIST-{len(self._orders) + 1:05d}", order)
                self._orders[purchase_order] = known
                self._work_on(known)
            else:
                known.submissions += 1
            known.message_ids.add(message_id)
            self._changed.notify_all()
        return HTTPStatus.ACCEPTED, {"reference": known.reference}

    def _work_on(self, order: ReceivedOrder) -> None:
        timing = self._timing
        if self.mode is Mode.REJECT:
            self._report(order, "rejected", timing.acknowledge_seconds, {"reason": "part number is discontinued"})
            return
        self._report(order, "acknowledged", timing.acknowledge_seconds)
        if self.mode is Mode.BACKORDER:
            self._report(order, "backordered", (timing.acknowledge_seconds + timing.ship_seconds) / 2)
        tracking = {"tracking_number": f"TRK{order.reference[5:]}"}
        self._report(order, "shipped", timing.ship_seconds, tracking, copies=2)
        if timing.deliver_seconds is not None:
            self._report(order, "delivered", timing.deliver_seconds)

    def _report(
        self,
        order: ReceivedOrder,
        kind: str,
        after_seconds: float,
        more: Mapping[str, str] | None = None,
        *,
        copies: int = 1,
    ) -> None:
        if self._sender is None:
            return
        body = {
            "order_id": order.order_id,
            "event_id": f"{order.reference}-{kind}",
            "type": kind,
            "reference": order.reference,
            **(more or {}),
        }
        self._sender.send(body, after_seconds=after_seconds, copies=copies)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        partner = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _SOCKET_SECONDS

            def do_POST(self) -> None:
                length = self.headers.get("content-length", "")
                if self.path != "/orders":
                    return self._answer(HTTPStatus.NOT_FOUND, {"error": "only POST /orders is served"})
                if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
                    return self._answer(
                        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                        {"error": f"content-length must be given, up to {MAX_BODY_BYTES}"},
                    )
                body = self.rfile.read(int(length))
                headers = {name.lower(): value for name, value in self.headers.items()}
                return self._answer(*partner.take(body, headers))

            def _answer(self, status: HTTPStatus, body: dict[str, str]) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Keeps the demo's screen its own."""

        return Handler
