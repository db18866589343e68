"""What the running agent has open on its computer: no port that listens, files that only its user may read."""

import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.printers.fleet import SimulatedFleet
from tests.integration.test_agent_https import CODE, ROOT, Site, trusted
from tests.support.edge_cloud import served

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

LISTENING = "0A"
"""TCP_LISTEN in /proc/net/tcp (proc_pid_net(5))."""


@dataclass(frozen=True)
class Socket:
    kind: str
    local_port: int
    remote_port: int
    state: str


@dataclass(frozen=True)
class Footprint:
    """What was seen while the agent ran, over and over again, the state folder's modes, and what it had loaded."""

    seen: frozenset[Socket]
    server_port: int
    modes: dict[str, int]
    modules: frozenset[str]


def sockets_of(process: int) -> Iterator[Socket]:
    """The process's internet sockets."""
    inodes = set()
    for entry in Path(f"/proc/{process}/fd").iterdir():
        try:
            inodes.add(str(entry.readlink()).removeprefix("socket:[").removesuffix("]"))
        except FileNotFoundError:  # closed meanwhile
            continue
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{process}/net/{kind}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[9] in inodes:
                local, remote = (int(address.rsplit(":", 1)[1], 16) for address in columns[1:3])
                yield Socket(kind, local, remote, columns[3])


@pytest.fixture(scope="module")
def footprint(tmp_path_factory: pytest.TempPathFactory) -> Footprint:
    folder = tmp_path_factory.mktemp("agent")
    seen: set[Socket] = set()
    with SimulatedFleet(same_address=True) as fleet:
        site = Site(folder, fleet.discovery_criteria())
        with served(site.handle, trusted(folder)) as server:
            site.configure(server, ca_file="ca.pem")
            assert site.agent("activate", "--code", CODE).returncode == 0
            python, *command = site.command("run")
            log = (folder / "log").open("wb")
            with log, subprocess.Popen([python, "-X", "importtime", *command], cwd=ROOT, stderr=log) as running:
                try:
                    deadline = time.monotonic() + 30
                    while not (site.cloud.stored and has_used_both(seen)) and time.monotonic() < deadline:
                        seen |= set(sockets_of(running.pid))
                        time.sleep(0.005)
                    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder / "state").iterdir()}
                    modes["."] = stat.S_IMODE((folder / "state").stat().st_mode)
                finally:
                    running.kill()
    assert site.cloud.stored
    return Footprint(frozenset(seen), int(server.rsplit(":", 1)[1]), modes, modules_in(folder / "log"))


def modules_in(log: Path) -> frozenset[str]:
    """The modules that a process loaded, by what ``-X importtime`` wrote."""
    lines = log.read_text("utf-8").splitlines()
    return frozenset(line.rsplit("|", 1)[1].strip() for line in lines if line.startswith("import time:"))


def has_used_both(seen: set[Socket]) -> bool:
    return {"tcp", "udp"} <= {socket.kind for socket in seen}


def test_no_socket_of_the_running_agent_listens(footprint: Footprint) -> None:
    assert has_used_both(set(footprint.seen))
    assert [socket for socket in footprint.seen if socket.state == LISTENING] == []


def test_every_tcp_connection_is_the_agents_own_to_its_server(footprint: Footprint) -> None:
    connections = {socket.remote_port for socket in footprint.seen if socket.kind.startswith("tcp")}

    assert connections == {footprint.server_port}


def test_all_printers_are_asked_through_one_udp_socket(footprint: Footprint) -> None:
    assert len({socket.local_port for socket in footprint.seen if socket.kind.startswith("udp")}) == 1


def test_what_the_agent_keeps_is_for_its_user_only(footprint: Footprint) -> None:
    assert footprint.modes.pop(".") == 0o700
    assert {"agent-key.pem", "identity.json", "agent-config.json", "spool.db"} <= set(footprint.modes)
    open_to_others = {name for name, mode in footprint.modes.items() if mode & 0o077}
    assert open_to_others == {"agent.lock"}  # it is empty, and the folder keeps it from others anyway


def test_the_running_agent_loads_nothing_that_only_commands_and_other_programs_need(footprint: Footprint) -> None:
    assert {"edge.reading.reader", "structlog", "httpx"} <= footprint.modules
    # Of a library that a package asked for in vain its name stands there, but none of its modules.
    idle = {"rich.console", "pygments.token", "click.core", "aiohttp", "zeroconf", "edge.cli.read", "edge.cli.display"}
    assert footprint.modules & idle == set()
