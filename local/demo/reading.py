"""Steps 3 and 4: the agent finds and reads the printers, is killed once, and loses nothing."""

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from functions.ingest.table import keys
from local.demo.progress import eventually, expect
from local.demo.world import World
from shared.table import Table
from shared.wire.upload import Outcome

_FIRST_READINGS_SECONDS = 40
_SETTLE_SECONDS = 60
_TOLD = 3
"""Printers whose status is shown."""


def start_reading(world: World) -> None:
    """The agent runs; every printer that tells who it is appears in the fleet."""
    world.agent.start()
    answering = [printer for printer in world.fleet.printers if not printer.silent]

    def all_there() -> list[dict[str, Any]] | None:
        world.agent.check_alive()
        if not world.agent.has_run():
            return None
        told = [printer for printer in world.agent.status()["printers"] if printer["stage"] == "acknowledged"]
        return told if sum(1 + len(printer["also_at"]) for printer in told) >= len(answering) else None

    told = eventually(
        all_there, f"{len(answering)} printers to be read and acknowledged", seconds=_FIRST_READINGS_SECONDS
    )
    listed = world.printers()
    expect(listed, "the fleet is empty although readings were acknowledged")
    world.progress.say(
        f"{len(answering)} addresses read, {len(listed)} printers in the fleet; one that never answers was left alone"
    )
    for printer in told[:_TOLD]:
        who = " ".join(filter(None, (printer["manufacturer"], printer["model"], printer["serial_number"])))
        world.progress.say(
            f"platen-agent status: {printer['target']}  {who}  {printer['stage']}, {printer['answered_by']}"
        )
    if again := len(answering) - len(listed):
        world.progress.say(f"{again} addresses told maker and serial number of another one: they are one printer")


def kill_and_restart(world: World) -> None:
    """SIGKILL in the middle of the run, then the agent again, from its spool."""
    world.agent.kill()
    time.sleep(0.5)
    world.agent.start()
    world.progress.say("the agent was killed (SIGKILL) and started again")


def catch_up(world: World) -> None:
    """Simulated time reaches the present, and the agent has sent what it read."""
    ahead = datetime.now(UTC) - world.clock.now()
    seconds = max(ahead.total_seconds() / world.clock.rate, 0)
    if seconds:
        time.sleep(seconds + 1)
    world.agent.check_alive()


def nothing_lost_nothing_doubled(world: World) -> dict[str, Any]:
    """Every reading that the agent ever spooled was taken by the cloud exactly once."""

    def drained() -> tuple[dict[str, Any], Counter[str]] | None:
        """The agent works on: what it told and what the cloud took are of one moment when it told the same after."""
        before, outcomes = world.agent.status(), _outcomes(world)
        after = world.agent.status()
        return (after, outcomes) if after["queued"] == 0 and before["spooled"] == after["spooled"] else None

    counts, outcomes = eventually(drained, "the agent's spool to drain", seconds=_SETTLE_SECONDS)
    stored = sum(outcomes[outcome] for outcome in (Outcome.STORED, Outcome.SUPERSEDED, Outcome.RESEND))
    expect(
        stored == counts["spooled"] == counts["acknowledged"] and not counts["dropped"] and not counts["dead_letters"],
        f"the agent spooled {counts['spooled']} readings and had {counts['acknowledged']} acknowledged; "
        f"the cloud took {dict(outcomes)}; dropped {counts['dropped']}, rejected {counts['dead_letters']}",
    )
    world.progress.say(f"{stored} readings spooled, acknowledged and stored: none lost, none doubled")
    return {"spooled": counts["spooled"], "stored": stored, "agent_starts": world.agent.starts}


def _outcomes(world: World) -> Counter[str]:
    """What the cloud did with each reading, as the agent's item in the fleet table counts them."""
    table = Table(world.stack.outputs["FleetTableName"], world.stack.client("dynamodb"))
    contact = table.get(*keys.agent_contact(world.ids["agent"])) or {}
    return Counter(contact.get("taken", {}))
