"""The whole agent at a site of 500 printers, of which some die and some are slow: how long a cycle takes, and memory.

`platen-agent` runs as it is installed: activated, told by a cloud where to look, finding, reading, spooling, sending.
A printer's reading carries the time it was taken at, and what arrives at the cloud is all that is looked at.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from bench.agent_cloud import Received, agent_cloud
from bench.compiled import NotBuilt, program
from bench.fleets import spread
from bench.printers import Printers
from bench.reading_memory import peak_mb
from bench.row import Row, at_most, is_true, left_out
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from shared.wire.codes import CODE_LENGTH, check_symbol

PRINTERS: Final = 500
DEAD: Final = 50
SLOW: Final = 25
SLOW_SECONDS: Final = 1.0
POLL_SECONDS: Final = 10
MOST_SECONDS: Final = 60
MOST_MEGABYTES: Final = 100
_SITE: Final = f"{PRINTERS} printers, {DEAD} dead, {SLOW} that take {SLOW_SECONDS:g} s an answer"
_SETTINGS: Final = """server = "{server}"
state_dir = "state"
[snmp]
community = "public"
rate_limit_pps = 1000
[network]
ports = ["1024-65535"]
least_interval_seconds = 1
"""
_CODE: Final = "0123456789ABCDEF"[:CODE_LENGTH]
_COMMAND_SECONDS: Final = 30
_FIND_SECONDS: Final = 30.0
_CYCLES: Final = 2
_PAUSE_SECONDS: Final = 2.5
_LOOK_SECONDS: Final = 0.2


def run() -> list[Row]:
    """All rows; agent, printers and cloud are started and ended here."""
    try:
        program("responder")
    except NotBuilt as why:
        return [left_out("the agent's cycle", f"≤ {MOST_SECONDS} s", str(why))]
    with Printers(PRINTERS, slow=SLOW, slow_seconds=SLOW_SECONDS) as printers, tempfile.TemporaryDirectory() as folder:
        first, last = printers.targets[0], printers.targets[-1]
        config = AgentConfig(
            discovery=DiscoveryCriteria(include=[f"{first.host}-{last.host}:{first.port}"]),
            poll_interval_seconds=POLL_SECONDS,
            heartbeat_interval_seconds=5,
        )
        with agent_cloud(config) as (server, received):
            settings = Path(folder, "agent.toml")
            settings.write_text(_SETTINGS.format(server=server), "utf-8")
            return _measured(settings, printers, received)


def _measured(settings: Path, printers: Printers, received: Received) -> list[Row]:
    agent = str(Path(sys.executable).with_name("platen-agent"))
    activation = [agent, "activate", "--code", _CODE + check_symbol(_CODE), "--config", str(settings)]
    subprocess.run(activation, check=True, capture_output=True, timeout=_COMMAND_SECONDS)  # noqa: S603 - our own program
    with Path(settings.parent, "log").open("wb") as log:
        command = [agent, "run", "--max-seconds", "120", "--config", str(settings)]
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own program
        try:
            began = time.time()
            _wait_for(received, PRINTERS, 1, _FIND_SECONDS, since=began)
            found = {address: list(times) for address, times in list(received.taken_at.items())}
            printers.silence(DEAD)
            died = time.time()
            dead = {str(printers.targets[number]) for number in spread(DEAD, PRINTERS)}
            living = found.keys() - dead
            # The cycle that went on meanwhile is not looked at.
            _wait_for(received, len(living), 1 + _CYCLES, (_CYCLES + 2) * POLL_SECONDS, since=died)
            peak = peak_mb(process.pid)
        finally:
            process.terminate()
            process.wait(_COMMAND_SECONDS)
    first = max((times[0].timestamp() for times in found.values()), default=began) - began
    return [*_found_rows(len(found), first), *_cycle_rows(received, living, died), *_size_rows(received, peak)]


def _wait_for(received: Received, printers: int, readings: int, seconds: float, *, since: float) -> None:
    """Until so many printers have sent so many readings taken since then, or no longer than so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sent = [sum(each.timestamp() > since for each in times) for times in list(received.taken_at.values())]
        if sum(count >= readings for count in sent) >= printers:
            return
        time.sleep(_LOOK_SECONDS)


def _cycles(times: Sequence[datetime]) -> list[list[datetime]]:
    """Times grouped into cycles: what follows without a pause belongs together."""
    cycles: list[list[datetime]] = []
    for each in sorted(times):
        if not cycles or (each - cycles[-1][-1]).total_seconds() > _PAUSE_SECONDS:
            cycles.append([])
        cycles[-1].append(each)
    return cycles


def _found_rows(found: int, seconds: float) -> list[Row]:
    what = f"{PRINTERS} printers, {SLOW} of them slow, found and read for the first time"
    note = f"{found} of them; 1,000 datagrams a second"
    return [
        Row(what, seconds, "s", note=note),
        is_true(f"{what}: all found", holds=found == PRINTERS, target=f"{PRINTERS} printers", note=note),
    ]


def _cycle_rows(received: Received, living: Collection[str], died: float) -> list[Row]:
    times = [each for address in living for each in received.taken_at[address]]
    cycles = [cycle for cycle in _cycles(times) if cycle[0].timestamp() > died][:_CYCLES]
    longest = max(((cycle[-1] - cycle[0]).total_seconds() for cycle in cycles), default=float("inf"))
    note = f"the longest of {len(cycles)}, by the times of the readings that reached the cloud"
    return [
        at_most(f"{_SITE}: cycle", longest, "s", MOST_SECONDS, note),
        is_true(
            f"{_SITE}: every living one read in each cycle",
            holds=len(cycles) == _CYCLES and all(len(cycle) == len(living) for cycle in cycles),
            target="all that were found",
            note=f"{[len(cycle) for cycle in cycles]} of {len(living)}",
        ),
    ]


def _size_rows(received: Received, peak: float) -> list[Row]:
    return [
        at_most(f"{_SITE}: memory of the agent at its peak", peak, "MB", MOST_MEGABYTES),
        Row(f"{_SITE}: uploaded", received.octets / 1000, "kB", note="packed, every reading of every cycle"),
    ]
