"""A cloud for the agent on a loopback port of its own, plain or over TLS."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Handled = tuple[int, bytes] | None
"""Status and body; None ends the connection without an answer."""


@contextmanager
def served(handle: Callable[[str, str, bytes], Handled], context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The server's address while ``handle(method, path, body)`` answers."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 20

        def do_POST(self) -> None:
            self.reply(handle("POST", self.path, self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            self.reply(handle("GET", self.path, b""))

        def reply(self, answer: Handled) -> None:
            self.close_connection = True
            if answer is None:
                return
            status, body = answer
            kind = "application/json" if status < 300 else "application/problem+json"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet: the tests say what matters."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that goes away in the middle is part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    scheme = "http" if context is None else "https"
    try:
        yield f"{scheme}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
