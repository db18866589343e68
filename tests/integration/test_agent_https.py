"""The installed agent's commands as processes: activation and uploads over verified TLS, printers over UDP."""

import json
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from local.printers.fleet import SimulatedFleet
from shared.wire.codes import ALPHABET, check_symbol
from tests.support.edge_cloud import Handled, served
from tests.support.edge_sending import NOON, FakeCloud

ROOT = Path(__file__).parents[2]
CODE = ALPHABET[:16] + check_symbol(ALPHABET[:16])
COMMAND = [sys.executable, "-c", "from edge.cli.main import main; main()"]


class Site:
    """A cloud that activates one code and takes uploads; a folder with the agent's configuration."""

    def __init__(self, folder: Path, include: list[str]) -> None:
        self.folder = folder
        self.cloud = FakeCloud()
        self.include = include
        self.is_code_used = False

    def handle(self, method: str, path: str, body: bytes) -> Handled:
        if path == "/base/v1/activations":
            return self.activate()
        if path == "/base/v1/uploads":
            return 200, self.cloud.receipt(body).encode()
        return (304, b"") if method == "GET" else (404, b"{}")

    def activate(self) -> Handled:
        if self.is_code_used:
            return 409, json.dumps({"title": "Conflict", "detail": "This code was used; ask for another."}).encode()
        self.is_code_used = True
        grant = {
            "agent_id": "agt_1",
            "organization_id": "org_1",
            "site_id": "site_1",
            "audience": "platen-agents",
            "activated_at": NOON.isoformat(),
            "config_etag": '"v1"',
            "config": {"discovery": {"include": self.include}, "poll_interval_seconds": 1},
        }
        return 201, json.dumps(grant).encode()

    def configure(self, server: str, **more: str) -> None:
        lines = [f'server = "{server}/base"', 'state_dir = "state"', *(f'{key} = "{more[key]}"' for key in more)]
        text = "\n".join(
            [*lines, "[snmp]", "timeout_seconds = 0.3", "retries = 0", "rate_limit_pps = 1000", "[network]"]
        )
        text += '\nports = ["1024-65535"]\nleast_interval_seconds = 1\n'
        (self.folder / "agent.toml").write_text(text)

    def agent(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    def command(self, *arguments: str) -> list[str]:
        name, *rest = arguments
        return [*COMMAND, name, "--config", str(self.folder / "agent.toml"), *rest]

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(self.agent("status", "--json").stdout)
        return status


@pytest.fixture
def fleet() -> Iterator[SimulatedFleet]:
    with SimulatedFleet(same_address=True) as printers:
        yield printers


def trusted(folder: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "other-ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_an_agent_activates_reads_and_sends_over_verified_tls(tmp_path: Path, fleet: SimulatedFleet) -> None:
    site = Site(tmp_path, fleet.discovery_criteria())
    with served(site.handle, trusted(tmp_path)) as server:
        site.configure(server, ca_file="other-ca.pem")
        distrusted = site.agent("activate", "--code", CODE)
        assert distrusted.returncode == 1
        assert "certificate verify failed" in distrusted.stderr
        assert not site.is_code_used

        site.configure(server, ca_file="ca.pem")
        activated = site.agent("activate", "--code", CODE, "--json")
        assert activated.returncode == 0, activated.stderr
        assert json.loads(activated.stdout)["agent_id"] == "agt_1"

        again = site.agent("activate", "--code", CODE, "--replace")
        assert again.returncode == 1
        assert "This code was used; ask for another." in again.stderr

        ran = site.agent("run", "--once")
        assert ran.returncode == 0, ran.stderr

    status = site.status()
    assert len(site.cloud.stored) == len(status["printers"]) == len(fleet.printers) - 1  # one never answers
    assert {printer["stage"] for printer in status["printers"]} == {"acknowledged"}
    assert status["queued"] == 0
    assert "public" not in ran.stderr
    assert CODE not in activated.stderr + ran.stderr


def test_a_running_agent_keeps_a_second_one_away_and_ends_when_told(tmp_path: Path, fleet: SimulatedFleet) -> None:
    site = Site(tmp_path, fleet.discovery_criteria())
    with served(site.handle, trusted(tmp_path)) as server:
        site.configure(server, ca_file="ca.pem")
        assert site.agent("activate", "--code", CODE).returncode == 0
        with subprocess.Popen(site.command("run"), cwd=ROOT, stderr=subprocess.DEVNULL) as running:
            try:
                deadline = time.monotonic() + 30
                while not site.cloud.stored and time.monotonic() < deadline:
                    time.sleep(0.1)
                second = site.agent("run")
                status = site.status()
                running.send_signal(signal.SIGTERM)
                code = running.wait(20)
            finally:
                running.kill()

    assert second.returncode == 2
    assert "another platen-agent is running" in second.stderr
    assert status["last_upload_at"] is not None
    assert code == 0
    assert len(site.cloud.stored) == len(set(site.cloud.stored)) > 0
