"""The demo's fulfilment partner over HTTP(S), with a small server in the platform's place."""

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import trustme

from local.partner import FulfilmentPartner, Mode, Timing, server_tls
from local.partner_callbacks import Platform
from local.partner_signature import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
API_KEY = "made-up-key"
QUICK = Timing(acknowledge_seconds=0.01, ship_seconds=0.05)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class PlatformDouble:
    """Takes fulfilment events; answers with the statuses it was given, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.events: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()
        double, answers = self, list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                double.keys.add(self.headers.get("x-api-key"))
                event = json.loads(self.rfile.read(int(self.headers["content-length"])))
                double.events.append({"path": self.path, **event})
                self.send_response(answers.pop(0) if answers else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.platform = Platform(f"http://127.0.0.1:{self._server.server_address[1]}/api", API_KEY)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "PlatformDouble":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@contextmanager
def partner_of(
    double: PlatformDouble, *, mode: Mode = Mode.NORMAL, fail_first: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[FulfilmentPartner]:
    with FulfilmentPartner(timing=QUICK, now=lambda: NOW, mode=mode, fail_first=fail_first, tls=tls) as partner:
        partner.connect(secret=SECRET, platform=double.platform)
        yield partner


def order_body(number: int = 1) -> bytes:
    return json.dumps(
        {
            "order_id": f"ord_{number}",
            "purchase_order": f"PO-{number}",
            "organization_id": "org_1",
            "ship_to": {"name": "Ann"},
            "lines": [{"description": "Black Toner", "part_number": "PN1", "quantity": 1}],
            "printer": {"printer_id": "prn_1", "model": "M1"},
        }
    ).encode()


def submit(
    partner: FulfilmentPartner,
    body: bytes | None = None,
    *,
    message_id: str = "PO-1",
    secret: str = SECRET,
    path: str = "/orders",
    verify: ssl.SSLContext | bool = True,
) -> httpx.Response:
    body = order_body() if body is None else body
    timestamp = int(time.time())
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id, timestamp, body),
    }
    with httpx.Client(verify=verify, trust_env=False, timeout=5) as client:
        return client.post(f"{partner.url}{path}", content=body, headers=headers)


def test_an_order_is_taken_and_reported_on_with_shipment_told_twice() -> None:
    with PlatformDouble() as double, partner_of(double) as partner:
        answer = submit(partner)
        partner.wait_for(lambda it: len(it.callbacks) == 3, timeout_seconds=5)
        partner.deliver("ord_1")
        partner.wait_for(lambda it: len(it.callbacks) == 4, timeout_seconds=5)

        assert (answer.status_code, answer.json()) == (202, {"reference": "DIST-00001"})
        assert double.types() == ["acknowledged", "shipped", "shipped", "delivered"]
        assert double.events[1] == double.events[2]
        assert double.events[1] == {
            "path": "/api/v1/fulfilment-events",
            "order_id": "ord_1",
            "event_id": "DIST-00001-shipped",
            "type": "shipped",
            "occurred_at": NOW.isoformat(),
            "reference": "DIST-00001",
            "tracking_number": "TRK00001",
        }
        assert double.keys == {API_KEY}


def test_the_same_purchase_order_again_gets_the_same_answer_and_no_second_shipment() -> None:
    with PlatformDouble() as double, partner_of(double) as partner:
        first = submit(partner)
        again = submit(partner)
        other_message = submit(partner, message_id="PO-1-again")
        partner.wait_for(lambda it: len(it.callbacks) == 3, timeout_seconds=5)
        time.sleep(0.2)

        assert first.json() == again.json() == other_message.json()
        assert double.types() == ["acknowledged", "shipped", "shipped"]
        assert [(order.purchase_order, order.submissions) for order in partner.received_orders] == [("PO-1", 3)]


def test_a_wrong_signature_is_refused_and_nothing_is_done() -> None:
    with PlatformDouble() as double, partner_of(double) as partner:
        refused = submit(partner, secret="whsec_AAAA")

        assert refused.status_code == 401
        assert partner.received_orders == []
        assert double.events == []


def test_before_a_secret_is_agreed_everything_is_refused() -> None:
    with FulfilmentPartner() as partner:
        assert submit(partner).status_code == 401


@pytest.mark.parametrize(
    ("body", "path", "status"),
    [
        (b"no json", "/orders", 400),
        (b"[]", "/orders", 400),
        (b'{"order_id": "o", "purchase_order": "p", "lines": []}', "/orders", 400),
        (b'{"order_id": "o"}', "/orders", 400),
        (b" " * 70_000, "/orders", 413),
        (b"{}", "/elsewhere", 404),
    ],
)
def test_what_is_no_order_is_refused(body: bytes, path: str, status: int) -> None:
    with PlatformDouble() as double, partner_of(double) as partner:
        assert submit(partner, body, path=path).status_code == status
        assert partner.received_orders == []


def test_a_partner_that_is_down_at_first_takes_the_order_when_it_is_sent_again() -> None:
    with PlatformDouble() as double, partner_of(double, fail_first=2) as partner:
        assert [submit(partner).status_code for _ in range(3)] == [503, 503, 202]
        assert [order.submissions for order in partner.received_orders] == [1]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(Mode.REJECT, ["rejected"]), (Mode.BACKORDER, ["acknowledged", "backordered", "shipped", "shipped"])],
)
def test_a_partner_may_reject_or_deliver_later(mode: Mode, expected: list[str]) -> None:
    with PlatformDouble() as double, partner_of(double, mode=mode) as partner:
        submit(partner)
        partner.wait_for(lambda it: len(it.callbacks) == len(expected), timeout_seconds=5)

        assert double.types() == expected


def test_a_callback_is_repeated_with_its_own_id_until_the_platform_answers() -> None:
    with PlatformDouble(503, 429, 200) as double, partner_of(double, mode=Mode.REJECT) as partner:
        submit(partner)
        partner.wait_for(lambda it: bool(it.callbacks), timeout_seconds=5)

        assert len(double.events) == 3
        assert double.events[0] == double.events[1] == double.events[2]
        assert [(callback.accepted, callback.attempts) for callback in partner.callbacks] == [(True, 3)]


def test_a_refused_callback_is_not_repeated() -> None:
    with PlatformDouble(403) as double, partner_of(double, mode=Mode.REJECT) as partner:
        submit(partner)
        partner.wait_for(lambda it: bool(it.callbacks), timeout_seconds=5)

        assert [(callback.accepted, callback.status) for callback in partner.callbacks] == [(False, 403)]


def test_waiting_in_vain_says_what_was_waited_for() -> None:
    with PlatformDouble() as double, partner_of(double) as partner:
        with pytest.raises(TimeoutError, match=r"the order: not within 0\.1 s; orders 0"):
            partner.wait_for(lambda it: bool(it.received_orders), timeout_seconds=0.1, what="the order")
        with pytest.raises(KeyError, match="no order ord_9"):
            partner.deliver("ord_9")


def test_it_serves_tls_of_the_given_authority_and_no_plain_text(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    with PlatformDouble() as double, partner_of(double, tls=server_tls(authority)) as partner:
        assert partner.url.startswith("https://127.0.0.1:")
        assert submit(partner, verify=trusting).status_code == 202
        with pytest.raises(httpx.ConnectError):
            submit(partner)
        with pytest.raises(httpx.HTTPError):
            httpx.post(partner.url.replace("https", "http") + "/orders", trust_env=False, timeout=5)


def test_the_key_of_the_platform_is_not_printed() -> None:
    assert API_KEY not in repr(Platform("https://127.0.0.1", API_KEY))
