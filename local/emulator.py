"""The emulator as a child process: started on a free loopback port over TLS, watched, ended."""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import trustme

from local.adapter.version import installed_version, require_pinned_version

ACCOUNT_ID = "000000000000"
REGION = "us-east-1"
# The emulator takes a 12-digit key for the administrator of the account of that number.
ADMINISTRATOR = {"AWS_ACCESS_KEY_ID": ACCOUNT_ID, "AWS_SECRET_ACCESS_KEY": "test"}
REPOSITORY = Path(__file__).resolve().parent.parent
RUNTIME_DIR = REPOSITORY / "build" / "runtime"

_LOOPBACK = "127.0.0.1"
_START_SECONDS = 30.0
_REQUEST_SECONDS = 5.0
_POLL_SECONDS = 0.05
_LOG_TAIL_LINES = 20
_BACKLOG = 256


class EmulatorError(RuntimeError):
    """The emulator could not be started, with the reason and what to do."""


@dataclass
class Emulator:
    """One running emulator. Make it with ``Emulator.start``; it ends with ``stop``.

    Unless started detached it ends with its parent, even when that is killed: the child reads a
    pipe whose other end only the parent holds, and kills its process group at end of file.

    Attributes:
        work_dir: Certificates, unpacked code and the log live here.
        port: On 127.0.0.1.
    """

    work_dir: Path
    port: int
    process: subprocess.Popen[bytes] = field(repr=False)

    @classmethod
    def start(
        cls,
        work_dir: Path,
        *,
        port: int = 0,
        wait_scale: float = 1.0,
        detached: bool = False,
        runtime_dir: Path = RUNTIME_DIR,
    ) -> Self:
        """Start an emulator and wait until it answers.

        Args:
            work_dir: Made when missing; two emulators must not share one.
            port: 0 for any free port.
            wait_scale: Factor on the Wait states of state machines (not on task time-outs).
            detached: Let it outlive this process.
            runtime_dir: What AWS's managed runtime brings (awslambdaric, boto3).

        Raises:
            EmulatorError: Port in use, runtime folder missing, or no answer in 30 s.
            WrongEmulatorError: Another version of ministack is installed.
        """
        require_pinned_version(installed_version())
        if not (runtime_dir / "awslambdaric").is_dir():
            raise EmulatorError(
                f"No Lambda runtime in {runtime_dir}. Run: pip install --target {runtime_dir} "
                "--require-hashes -r requirements/runtime.txt"
            )
        (work_dir / "tmp").mkdir(parents=True, exist_ok=True)
        _write_certificates(work_dir)
        # The parent binds and hands the socket over, so no other process can take the port between.
        with _listening_socket(port) as listener:
            port = listener.getsockname()[1]
            command = [sys.executable, "-m", "local.adapter", "--runtime", str(runtime_dir)]
            command += ["--listen-fd", str(listener.fileno())]
            with log_path(work_dir).open("wb") as log:
                process = subprocess.Popen(
                    command if detached else [*command, "--lifeline"],
                    cwd=REPOSITORY,
                    env=_child_variables(work_dir, port, wait_scale),
                    stdin=subprocess.DEVNULL if detached else subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=[listener.fileno()],
                    start_new_session=True,
                )
        emulator = cls(work_dir=work_dir, port=port, process=process)
        try:
            emulator._await_health()
        except BaseException:
            # Also on Ctrl-C: a detached emulator has no lifeline.
            emulator.stop()
            raise
        return emulator

    @property
    def endpoint_url(self) -> str:
        """Base address of every AWS service."""
        return f"https://{_LOOPBACK}:{self.port}"

    @property
    def ca_file(self) -> Path:
        """Certificate authority that signed the emulator's certificate."""
        return ca_path(self.work_dir)

    @property
    def log_file(self) -> Path:
        """Everything the emulator printed."""
        return log_path(self.work_dir)

    def set_wait_scale(self, factor: float) -> None:
        """Scale the Wait states that begin from now on; 0 skips them. Repeating changes nothing."""
        body = json.dumps({"stepfunctions._SFN_WAIT_SCALE": factor})
        status, answer = _request(self.port, self.ca_file, "POST", "/_ministack/config", body)
        if status != http.client.OK or not json.loads(answer)["applied"]:
            raise EmulatorError(f"the emulator refused the wait scale {factor}: {answer}")

    def stop(self) -> None:
        """End the emulator and every function process at once; repeating changes nothing."""
        end_process_group(self.process.pid)
        self.process.wait(timeout=_START_SECONDS)
        if self.process.stdin is not None:
            self.process.stdin.close()

    def _await_health(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self._fail(f"ended with exit code {self.process.returncode}")
            if is_healthy(self.port, self.ca_file):
                return
            time.sleep(_POLL_SECONDS)
        self._fail(f"gave no answer in {_START_SECONDS:.0f} s")

    def _fail(self, what: str) -> None:
        lines = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        tail = "\n  ".join(lines[-_LOG_TAIL_LINES:])
        raise EmulatorError(f"the emulator {what}; end of {self.log_file}:\n  {tail}")


def ca_path(work_dir: Path) -> Path:
    """Where the certificate authority of the emulator in ``work_dir`` is."""
    return work_dir / "ca.pem"


def log_path(work_dir: Path) -> Path:
    """Where the log of the emulator in ``work_dir`` is."""
    return work_dir / "emulator.log"


def is_healthy(port: int, ca_file: Path) -> bool:
    """Tell whether an emulator with this certificate authority answers on ``port``."""
    try:
        return _request(port, ca_file, "GET", "/_ministack/health")[0] == http.client.OK
    except (OSError, http.client.HTTPException):
        return False


def end_process_group(leader: int) -> None:
    """Kill the emulator ``leader`` and the function processes in its group, if still there."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def trust_variables(ca_file: Path) -> dict[str, str]:
    """Return the variables by which boto3, OpenSSL and requests trust the emulator.

    All three are given because a machine may set any of them to something else.
    """
    path = str(ca_file)
    return {"AWS_CA_BUNDLE": path, "SSL_CERT_FILE": path, "REQUESTS_CA_BUNDLE": path}


def _request(port: int, ca_file: Path, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    context = ssl.create_default_context(cafile=str(ca_file))
    connection = http.client.HTTPSConnection(_LOOPBACK, port, timeout=_REQUEST_SECONDS, context=context)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def _listening_socket(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_LOOPBACK, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise EmulatorError(
            f"port {port} on {_LOOPBACK} cannot be used ({error.strerror}). "
            "End what listens there, or give no port to take a free one."
        ) from error
    return listener


def _write_certificates(work_dir: Path) -> None:
    authority = trustme.CA()
    server = authority.issue_cert(_LOOPBACK, "localhost")
    authority.cert_pem.write_to_path(ca_path(work_dir))
    server.cert_chain_pems[0].write_to_path(work_dir / "server.pem")
    key = work_dir / "server.key"
    key.touch(mode=0o600)
    server.private_key_pem.write_to_path(key)


def _child_variables(work_dir: Path, port: int, wait_scale: float) -> dict[str, str]:
    """Return all that the emulator sees: nothing of this machine but the search path."""
    return {
        **ADMINISTRATOR,
        **trust_variables(ca_path(work_dir)),
        "PATH": os.environ.get("PATH", os.defpath),  # noqa: TID251  functions need /bin/sh
        "HOME": str(work_dir),
        "TMPDIR": str(work_dir / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "AUTH": "true",
        "AWS_ENDPOINT_URL": f"https://{_LOOPBACK}:{port}",
        "BIND_HOST": _LOOPBACK,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "INFO",
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "MINISTACK_REGION": REGION,
        "MINISTACK_SSL_CERT": str(work_dir / "server.pem"),
        "MINISTACK_SSL_KEY": str(work_dir / "server.key"),
        "SFN_WAIT_SCALE": str(wait_scale),
        "SFTP_ENABLED": "0",
        "USE_SSL": "1",
    }
