"""A cloud that takes whatever an agent sends, on a loopback port: what it sent, and when, is what is measured."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from shared.wire.activation import ActivationGrant, AgentConfig
from shared.wire.upload import Outcome, ReadingOutcome, UploadReceipt

ETAG: Final = '"bench"'
_SECONDS: Final = 20


@dataclass(slots=True)
class Received:
    """What the agent sent: when each printer's readings were taken, by its address; octets of the packed bodies."""

    taken_at: dict[str, list[datetime]] = field(default_factory=dict)
    octets: int = 0


class _Handler(BaseHTTPRequestHandler):
    timeout = _SECONDS
    protocol_version = "HTTP/1.1"
    received: Received
    config: AgentConfig

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/uploads":
            self._reply(200, self._receipt(body))
        elif self.path == "/v1/activations":
            self._reply(200, self._grant())
        else:
            self._reply(404, "{}")

    def do_GET(self) -> None:
        self._reply(304, "")

    def log_message(self, *_: object) -> None:
        """Nothing: the figures are printed at the end."""

    def _receipt(self, body: bytes) -> str:
        upload: dict[str, Any] = json.loads(gzip.decompress(body))
        self.received.octets += len(body)
        for reading in upload["readings"]:
            taken_at = datetime.fromisoformat(reading["taken_at"])
            self.received.taken_at.setdefault(reading["address"], []).append(taken_at)
        outcomes = [
            ReadingOutcome(reading_id=reading["reading_id"], outcome=Outcome.STORED) for reading in upload["readings"]
        ]
        receipt = UploadReceipt(
            boot_id=upload["boot_id"], seq=upload["seq"], received_at=datetime.now(UTC), outcomes=outcomes
        )
        return receipt.model_dump_json()

    def _grant(self) -> str:
        return ActivationGrant(
            agent_id="agt_bench",
            organization_id="org_bench",
            site_id="site_bench",
            audience="bench",
            activated_at=datetime.now(UTC),
            config=self.config,
            config_etag=ETAG,
        ).model_dump_json()

    def _reply(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


@contextmanager
def agent_cloud(config: AgentConfig) -> Iterator[tuple[str, Received]]:
    """Its address, and what it receives meanwhile."""
    received = Received()
    handler = type("Handler", (_Handler,), {"received": received, "config": config})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
