"""A partner's endpoint on loopback: keeps what is posted to it and answers as it is told."""

import hmac
import ssl
import threading
import time
from base64 import b64decode, b64encode
from collections import Counter, deque
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Self

import trustme

HOST: Final = "127.0.0.1"
_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    def is_signed_with(self, secret: str) -> bool:
        """True when one of its signatures is that of this secret, reckoned here once more by itself."""
        signed = f"{self.message_id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        mac = hmac.new(b64decode(secret.removeprefix("whsec_")), signed, sha256).digest()
        return f"v1,{b64encode(mac).decode()}" in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """An HTTPS server; a context manager. ``answers`` are given one by one, then 204 for ever."""

    ca_file: Path
    answers: deque[int] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    slow: dict[str, float] = field(default_factory=dict)
    """How many seconds a path takes to answer."""
    most_at_once: Counter[str] = field(default_factory=Counter)
    """How many requests a path had at one time, at most."""

    def __post_init__(self) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(context)
        self._server = ThreadingHTTPServer((HOST, 0), self._handler())
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._answering = Counter[str]()
        self._counting = threading.Lock()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self._server.server_address[1]}"

    def of(self, path: str) -> list[Received]:
        """What was posted to a path, in order."""
        return [each for each in list(self.received) if each.path == path]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(_SECONDS)
        self._server.server_close()

    def take_time(self, path: str) -> None:
        """Be as slow as the path is."""
        with self._counting:
            self._answering[path] += 1
            self.most_at_once[path] = max(self.most_at_once[path], self._answering[path])
        time.sleep(self.slow.get(path, 0))
        with self._counting:
            self._answering[path] -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _SECONDS

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received(self.path, headers, body))
                receiver.take_time(self.path)
                self.send_response(receiver.answers.popleft() if receiver.answers else 204)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keeps the tests' output their own."""

        return Handler
