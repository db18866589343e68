"""The agent's identity on the deployed template: its own commands, a copy of its folder, and the code that mends it."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.cloud.activation import load_identity
from edge.cloud.generation import Generation
from edge.cloud.http import CloudClient
from edge.cloud.keys import ServerClock, TokenMint, identity_key
from edge.config.settings import AgentSettings
from functions.ingest.table.keys import agent as row_key
from shared.clock import key_time
from shared.table import Item, Table
from shared.wire.upload import UploadReceipt
from tests.support.deployed import Json, World, problem_of
from tests.support.ingest import packed, reading, upload_body

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

COMMAND = [sys.executable, "-c", "from edge.cli.main import main; main()"]


class Site:
    """A state folder with its configuration file, worked on by the agent's commands."""

    def __init__(self, world: World, folder: Path) -> None:
        self.folder, self.file = folder / "state", folder / "agent.toml"
        folder.mkdir(exist_ok=True)
        self.file.write_text(
            f'server = "{world.stack.api_url("Agent")}"\nca_file = "{world.stack.ca_file}"\nstate_dir = "state"\n'
        )
        self.seq = 0

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*COMMAND, *arguments, "--config", str(self.file)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def did(self, *arguments: str) -> Json:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        answer: Json = json.loads(done.stdout)
        return answer

    @contextmanager
    def running(self) -> Iterator[None]:
        """The installed agent at work."""
        with subprocess.Popen(
            [*COMMAND, "run", "--config", str(self.file)], stderr=subprocess.PIPE, text=True
        ) as agent:
            try:
                assert agent.stderr is not None
                assert "agent started" in agent.stderr.readline()
                yield
            finally:
                agent.terminate()
                agent.communicate(timeout=30)

    def mint(self) -> TokenMint:
        identity = load_identity(self.folder)
        generation = Generation.load(self.folder, identity.agent_id, identity.activated_at)
        key = identity_key(self.folder, identity.kid)
        return TokenMint(identity.agent_id, identity.audience, key, ServerClock(), generation)

    def upload(self, mint: TokenMint | None = None) -> tuple[int, Any]:
        """One reading, sent as the agent sends it; status and body."""
        mint, self.seq, now = mint or self.mint(), self.seq + 1, datetime.now(UTC)
        name, serial_number = f"{self.folder.parent.name}-{self.seq}", f"IDENTITY-{mint.agent_id}"
        sent = reading(name, taken_at=now, serial_number=serial_number, mac_address=None)
        body = upload_body(sent, seq=self.seq, boot_id=self.folder.parent.name, sent_at=now)
        headers = {"Authorization": f"Bearer {mint.token(now)}", "Content-Type": "application/gzip"}

        async def send() -> tuple[int, Any]:
            async with CloudClient(AgentSettings.from_file(self.file), mint.clock) as client:
                answer = await client.request("POST", "/v1/uploads", headers=headers, content=packed(body))
            if answer.is_success:
                mint.learn(UploadReceipt.model_validate_json(answer.content).generation)
            return answer.status, json.loads(answer.content)

        return asyncio.run(send())

    def copied_to(self, world: World, folder: Path) -> "Site":
        copy = Site(world, folder)
        shutil.copytree(self.folder, copy.folder)
        return copy


class Rows:
    """The fleet table, to let time pass in."""

    def __init__(self, world: World) -> None:
        self._table = Table(world.stack.outputs["FleetTableName"], world.stack.client("dynamodb"))

    def change(self, agent_id: str, **changes: object) -> None:
        item = self.of(agent_id)
        assert self._table.put(item | changes | {"version": item["version"] + 1})

    def of(self, agent_id: str) -> Item:
        item = self._table.get(*row_key(agent_id))
        assert item is not None
        return item

    def let_a_day_pass(self, agent_id: str) -> None:
        given = self.of(agent_id)["generation"]
        self.change(agent_id, generation=given | {"given_at": key_time(datetime.now(UTC) - timedelta(days=1))})

    def let_a_fortnight_pass(self, agent_id: str) -> None:
        ended = key_time(datetime.now(UTC) - timedelta(seconds=1))
        keys = [key | ({"not_after": ended} if key.get("not_after") else {}) for key in self.of(agent_id)["keys"]]
        self.change(agent_id, keys=keys)


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    """A site whose agent was activated and has sent a reading."""
    tenant, made = world.tenants[0], Site(world, tmp_path / tmp_path.name)
    wanted = {"site_id": tenant.ids["site_id"], "discovery": {"include": []}}
    made.did("activate", "--code", tenant.door.made("/v1/activation-codes", wanted)["code"])
    assert made.upload()[0] == 200
    return made


def test_an_exchanged_key_is_accepted_for_its_fortnight_and_no_longer(world: World, site: Site) -> None:
    former = site.mint()

    exchanged = site.did("rotate-key")

    assert exchanged["kid"] != former.key.kid
    assert [site.upload()[0], site.upload(former)[0]] == [200, 200]
    shown = world.tenants[0].door.got(f"/v1/agents/{former.agent_id}")
    assert [key["kid"] for key in shown["keys"]] == [former.key.kid, exchanged["kid"]]
    Rows(world).let_a_fortnight_pass(former.agent_id)
    refused, problem = site.upload(former)
    assert (refused, problem["code"]) == (401, "key_ended")
    assert site.upload()[0] == 200


def test_an_agent_that_runs_exchanges_its_key_when_it_is_asked(site: Site) -> None:
    former = site.mint().key.kid

    with site.running():
        exchanged = site.did("rotate-key")

    assert exchanged["kid"] != former
    assert site.upload()[0] == 200


def test_a_copy_is_told_and_a_code_brings_the_same_agent_back(world: World, site: Site, tmp_path: Path) -> None:
    door, rows, agent_id = world.tenants[0].door, Rows(world), site.mint().agent_id
    copy, answers = site.copied_to(world, tmp_path / f"copy-{tmp_path.name}"), []

    for _ in range(2):
        rows.let_a_day_pass(agent_id)
        answers += [site.upload()[0], copy.upload()[0]]

    assert answers == [200, 200, 200, 403]
    shown = door.got(f"/v1/agents/{agent_id}")
    assert (shown["status"], shown["suspect_cause"]) == ("suspect", "generation_split")
    assert shown["suspect_since"]
    assert [each.upload()[1]["code"] for each in (site, copy)] == ["agent_suspect", "agent_suspect"]

    code = door.made(f"/v1/agents/{agent_id}/activation-codes", {})
    again = site.did("activate", "--replace", "--code", code["code"])

    assert (code["for_agent_id"], again["agent_id"]) == (agent_id, agent_id)
    assert site.upload()[0] == 200
    assert copy.upload()[0] == 401
    shown = door.got(f"/v1/agents/{agent_id}")
    assert (shown["status"], shown["suspect_since"], shown["printers"]) == ("active", None, 1)
    rows.let_a_day_pass(agent_id)
    assert site.upload()[0] == 200


def test_a_partner_can_make_no_code_for_another_s_agent(world: World) -> None:
    one, other = world.tenants
    paths = [f"/v1/agents/{agent_id}/activation-codes" for agent_id in (other.ids["agent_id"], f"agt_{'0' * 25}7")]

    foreign, missing = (problem_of(one.door.ask("POST", path, {})) for path in paths)

    assert (foreign["status"], foreign["code"]) == (404, "not_found")
    assert foreign["detail"].replace(other.ids["agent_id"], "X") == missing["detail"].replace(f"agt_{'0' * 25}7", "X")
