"""`Gateway` over HTTPS: a signed POST to the partner's ``/orders``."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import httpx

from functions.orders.table.models import FulfilmentPartner, Order
from functions.orders.table.ports import Submission
from shared.address_fence import Destination, Resolver, destination, resolve_host, trusting_context
from shared.errors import Invalid, Unavailable
from shared.signature import signed_headers

CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 10.0
MAX_ANSWER_BYTES: Final = 64 * 1024
_WORTH_A_RETRY: Final = frozenset({408, 425, 429})


def partner_client(ca_file: str | None = None) -> httpx.Client:
    """A client with bounded waits that follows no redirect and heeds no proxy of its environment.

    No connection is used twice: they are pooled by address, and two partners behind one address must each show
    their own certificate. The authorities in ``ca_file`` are trusted beside the public ones.
    """
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    unpooled = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(
        verify=trusting_context(ca_file), timeout=timeout, limits=unpooled, follow_redirects=False, trust_env=False
    )


@dataclass(frozen=True, slots=True)
class FulfilmentGateway:
    """Sends orders. ``private_hosts`` may be reached although they are not public; empty in production."""

    client: httpx.Client
    private_hosts: Collection[str]
    resolve: Resolver = resolve_host

    def submit(self, order: Order, partner: FulfilmentPartner, now: datetime) -> Submission:
        """Send the order under its purchase-order number, so that the partner knows a repeat (SUP-37).

        A 2xx is accepted, any other answer refused; `Unavailable` for no answer, 5xx, 408, 425 and 429.
        """
        try:
            where = destination(partner.url, private_hosts=self.private_hosts, resolve=self.resolve)
        except Invalid as error:
            return Submission(accepted=False, reason=error.code)
        body = json.dumps(order_message(order), separators=(",", ":")).encode()
        headers = signed_headers(order.purchase_order, body, now, partner.signing_secret)
        status, answer = self._post(where, body, headers)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _WORTH_A_RETRY:
            raise Unavailable("partner_unavailable", f"The partner answered {status}.")
        if HTTPStatus(200) <= status < HTTPStatus(300):
            return Submission(accepted=True, reference=_reference(answer))
        return Submission(accepted=False, reason=f"partner answered {status}")

    def _post(self, where: Destination, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        url = httpx.URL(
            scheme=where.scheme, host=where.address, port=where.port, path=f"{where.path.rstrip('/')}/orders"
        )
        request = self.client.build_request(
            "POST",
            url,
            content=body,
            headers=headers
            | {"Host": where.authority, "Content-Type": "application/json", "Accept-Encoding": "identity"},
            extensions={"sni_hostname": where.host},
        )
        try:
            response = self.client.send(request, stream=True)
            try:
                return response.status_code, _bounded(response)
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise Unavailable("partner_unavailable", "The partner did not answer.") from error


def order_message(order: Order) -> dict[str, Any]:
    """What the partner is told of an order."""
    return {
        "order_id": order.order_id,
        "purchase_order": order.purchase_order,
        "organization_id": order.organization_id,
        "ship_to": order.ship_to.model_dump(mode="json") if order.ship_to else None,
        "lines": [
            {
                "description": order.description,
                "part_number": order.part_number,
                "colorant": order.colorant,
                "supply_type": order.supply_type,
                "quantity": order.quantity,
            }
        ],
        "printer": {
            "printer_id": order.printer_id,
            "manufacturer": order.manufacturer,
            "model": order.model,
            "serial_number": order.serial_number,
        },
    }


def _bounded(response: httpx.Response) -> bytes:
    """The answer as it came: unpacking what the partner packed would have no bound."""
    received = b""
    for chunk in response.iter_raw():
        received += chunk
        if len(received) > MAX_ANSWER_BYTES:
            return b""
    return received


def _reference(answer: bytes) -> str | None:
    """The partner's own number for the order; an answer without one is an answer all the same."""
    try:
        reference = json.loads(answer)["reference"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return str(reference)[:100].encode(errors="replace").decode() if reference else None
