"""Other SNMP readers side by side, where installed: net-snmp's `snmpbulkwalk`, Prometheus' snmp_exporter."""

import json
import os
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import httpx

from bench.independent import REPETITIONS, SUBTREES
from edge.oids import dotted
from edge.targets import Target

BULK_WALK: Final = "snmpbulkwalk"
EXPORTERS: Final = ("snmp_exporter", "prometheus-snmp-exporter")
_RUN_SECONDS: Final = 20
_START_SECONDS: Final = 5.0
_CPU_FIELDS: Final = slice(11, 13)
"""utime and stime in /proc/PID/stat, counted after the command's name."""


def bulk_walk_cpu(targets: Sequence[Target]) -> float | None:
    """CPU seconds of net-snmp's walks of the printers, one process a table; None when it is not installed."""
    program = shutil.which(BULK_WALK)
    if program is None:
        return None
    before = _children_cpu()
    for target in targets:
        for subtree in SUBTREES:
            command = [program, "-v2c", "-c", target.community, "-On", f"-Cr{REPETITIONS}"]
            command += [f"{target.host}:{target.port}", dotted(subtree)]
            subprocess.run(command, stdout=subprocess.DEVNULL, timeout=_RUN_SECONDS, check=True)  # noqa: S603 - fixed arguments
    return _children_cpu() - before


def exporter_cpu(targets: Sequence[Target]) -> float | None:
    """CPU seconds of snmp_exporter answering one scrape of each printer; None when it is not installed.

    It walks the same tables; no metrics are configured, so that it has nothing to render.
    """
    program = next(filter(None, map(shutil.which, EXPORTERS)), None)
    if program is None:
        return None
    walks = {"walk": [dotted(subtree) for subtree in SUBTREES], "max_repetitions": REPETITIONS, "metrics": []}
    settings = {"auths": {"bench": {"version": 2, "community": targets[0].community}}, "modules": {"bench": walks}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "snmp.yml")
        path.write_text(json.dumps(settings), "utf-8")  # JSON is YAML
        port = _free_port()
        command = [program, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - fixed arguments
        try:
            return _scrape(process.pid, port, targets)
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


def _scrape(pid: int, port: int, targets: Sequence[Target]) -> float:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=_RUN_SECONDS) as client:
        began = time.monotonic()
        while time.monotonic() - began < _START_SECONDS:
            with suppress(httpx.TransportError):
                client.get("/")
                break
            time.sleep(0.1)
        before = _cpu_of(pid)
        for target in targets:
            asked = urlencode({"target": f"{target.host}:{target.port}", "module": "bench", "auth": "bench"})
            client.get(f"/snmp?{asked}").raise_for_status()
        return _cpu_of(pid) - before


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[_CPU_FIELDS])) / os.sysconf("SC_CLK_TCK")


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
