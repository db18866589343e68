"""Prometheus' snmp_exporter as a child process that walks the tables a reading needs."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlencode

import httpx

from bench.independent import REPETITIONS, SUBTREES
from bench.polls import AT_A_TIME, LIMITS
from edge.snmp.credentials import CredentialSet, SnmpVersion
from edge.snmp.oids import dotted
from edge.snmp.targets import Target

PROGRAMS: Final = ("prometheus-snmp-exporter", "snmp_exporter")
PACKAGE: Final = "prometheus-snmp-exporter"
_AUTHS_APART: Final = (0, 23)
"""The release that took credentials out of the modules."""
_RUN_SECONDS: Final = 30
_START_SECONDS: Final = 5.0
_CPU_FIELDS: Final = slice(11, 13)
"""utime and stime in /proc/PID/stat, counted after the command's name."""


class Exporter:
    """A running exporter; a context manager that ends it.

    Args:
        path: the program.
        credentials: for every printer.
        metrics: what of the walks it returns; none of it is as cheap as it can be, as there is nothing to render.
    """

    def __init__(self, path: str, credentials: CredentialSet, metrics: Sequence[dict[str, Any]] = ()) -> None:
        self._path = path
        self._metrics = metrics
        self._credentials = credentials
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""

    @staticmethod
    def found() -> str | None:
        """The path of an installed exporter."""
        return next(filter(None, map(shutil.which, PROGRAMS)), None)

    def __enter__(self) -> Self:
        path = Path(self._folder.name, "snmp.yml")
        path.write_text(json.dumps(self._settings()), "utf-8")  # JSON is YAML
        port = _free_port()
        command = [self._path, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - fixed arguments
        self._url = f"http://127.0.0.1:{port}"
        began = time.monotonic()
        while time.monotonic() - began < _START_SECONDS:
            with suppress(httpx.TransportError):
                httpx.get(self._url)
                return self
            time.sleep(0.1)
        raise RuntimeError(f"{self._path} does not start")

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_START_SECONDS)
        self._folder.cleanup()

    def scrape(self, targets: Sequence[Target]) -> tuple[float, float]:
        """Read each once, as many at a time as the agent. Returns CPU and wall seconds."""
        cpu, began = self._cpu(), time.monotonic()
        # Every thread keeps its connection: to close and open them is work for the exporter too, and none of SNMP.
        limits = httpx.Limits(max_connections=AT_A_TIME, max_keepalive_connections=AT_A_TIME)
        client = httpx.Client(base_url=self._url, timeout=_RUN_SECONDS, limits=limits)
        with client, ThreadPoolExecutor(AT_A_TIME) as pool:
            for response in pool.map(client.get, self._questions(targets)):
                response.raise_for_status()
        return self._cpu() - cpu, time.monotonic() - began

    def page(self, target: Target) -> str:
        """What it returns of one printer."""
        [question] = self._questions([target])
        response = httpx.get(f"{self._url}{question}", timeout=_RUN_SECONDS)
        response.raise_for_status()
        return response.text

    def _questions(self, targets: Sequence[Target]) -> Iterator[str]:
        for target in targets:
            asked = {"target": f"{target.host}:{target.port}", "module": "bench", "auth": "bench"}
            yield f"/snmp?{urlencode(asked)}"

    def _settings(self) -> dict[str, Any]:
        module: dict[str, Any] = {
            "walk": [dotted(subtree) for subtree in SUBTREES],
            "max_repetitions": REPETITIONS,
            "timeout": f"{LIMITS.timeout_seconds:g}s",
            "retries": LIMITS.retries,
            "metrics": list(self._metrics),
        }
        version, auth = self._auth()
        if _release_of(self._path) >= _AUTHS_APART:
            return {"auths": {"bench": auth | {"version": version}}, "modules": {"bench": module}}
        return {"bench": module | {"version": version, "auth": auth}}

    def _auth(self) -> tuple[int, dict[str, str]]:
        credentials = self._credentials
        if credentials.version is not SnmpVersion.V3:
            return (1 if credentials.version is SnmpVersion.V1 else 2), {"community": credentials.community}
        auth = {"username": credentials.user, "security_level": "noAuthNoPriv"}
        if credentials.auth is not None:
            auth |= {"security_level": "authNoPriv", "password": credentials.auth_password}
            auth["auth_protocol"] = credentials.auth.value.replace("-", "")
        if credentials.priv is not None:
            auth |= {"security_level": "authPriv", "priv_password": credentials.priv_password}
            auth["priv_protocol"] = credentials.priv.value.replace("-", "").replace("AES128", "AES")
        return 3, auth

    def _cpu(self) -> float:
        if self._process is None:
            return 0.0
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return sum(map(int, fields[_CPU_FIELDS])) / os.sysconf("SC_CLK_TCK")


def _release_of(path: str) -> tuple[int, ...]:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=_START_SECONDS, check=False)  # noqa: S603 - fixed arguments
    found = re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr)
    return tuple(map(int, found.groups())) if found else _AUTHS_APART


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
