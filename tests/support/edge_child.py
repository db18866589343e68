"""The agent as a process that tests kill: real loops, spool and HTTP; printers made up.

Arguments: state folder, server, a prefix for reading ids, the file to tell the durable reading ids to,
seconds from one poll to the next.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from edge.cloud.activation import StoredConfig
from edge.cloud.http import CloudClient
from edge.cloud.keys import ServerClock, TokenMint, identity_key, pending_key
from edge.site.agent import Agent, Parts
from edge.snmp.targets import Target
from edge.spool.journal import JOURNAL_FILE, Journal
from edge.spool.rows import Reported
from edge.spool.spool import Event, Spool
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from tests.support.edge_sending import FakeReader, a_settings

TARGETS = [Target(f"192.0.2.{number}") for number in range(1, 9)]


class TellingSpool(Spool):
    """Tells which readings are durable, once they are."""

    told: int

    def record(self, events: Sequence[Event], *, lost: int = 0) -> int:
        dropped = super().record(events, lost=lost)
        ids = [event.reading.reading_id for event in events if isinstance(event, Reported)]
        os.write(self.told, "".join(f"{reading_id}\n" for reading_id in ids).encode())
        return dropped


async def work(folder: Path, server: str, prefix: str, told: Path, poll_seconds: float) -> None:
    criteria = DiscoveryCriteria(include=["192.0.2.1-8"])
    config = AgentConfig(discovery=criteria).model_copy(update={"poll_interval_seconds": poll_seconds})
    given = a_settings(folder, server=server)
    often = given.network.model_copy(update={"least_interval_seconds": 0})
    settings = given.model_copy(update={"network": often})
    clock = ServerClock()
    key = identity_key(folder, pending_key(folder).kid)
    with (
        TellingSpool(folder / "spool.db", owner="site_1", max_bytes=64 * 1024 * 1024, max_batch=20) as spool,
        Journal(folder / JOURNAL_FILE) as journal,
    ):
        spool.told = os.open(told, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        async with CloudClient(settings, clock) as client:
            mint = TokenMint("agt_1", "platen-agents", key, clock)
            reader = FakeReader(TARGETS, prefix=prefix)
            await Agent(
                Parts(settings, reader, spool, client, mint, journal=journal), StoredConfig(etag="v1", config=config)
            ).run()


if __name__ == "__main__":
    state, address, name, told_file, seconds = sys.argv[1:]
    asyncio.run(work(Path(state), address, name, Path(told_file), float(seconds)))
