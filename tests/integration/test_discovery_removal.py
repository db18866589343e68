"""AGT-02, by the agent itself: an address that leaves the search is not asked, its printer stays, and comes back."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.ingest.table import keys
from local.printers import alerts
from local.printers.fleet import SimulatedFleet
from shared.clock import key_time
from shared.directory import keys as directory
from shared.table import Table
from tests.support.deployed import Json, World

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

COMMAND = [sys.executable, "-c", "from edge.cli.main import main; main()"]
STAYS, GOES = 0, 1


class Site:
    """An installed agent, its printers, and the partner who says where it looks."""

    def __init__(self, world: World, folder: Path, fleet: SimulatedFleet) -> None:
        self.world, self.tenant, self.fleet = world, world.tenants[0], fleet
        self.file = folder / "agent.toml"
        self.file.write_text(
            f'server = "{world.stack.api_url("Agent")}"\nca_file = "{world.stack.ca_file}"\nstate_dir = "state"\n'
            "[snmp]\nrate_limit_pps = 1000\ntimeout_seconds = 0.3\n[ipp]\nenabled = false\n"
            '[network]\nports = ["1024-65535"]\n'
        )
        wanted = {"site_id": self.tenant.ids["site_id"], "discovery": {"include": self.targets(STAYS, GOES)}}
        code = self.tenant.door.made("/v1/activation-codes", wanted)["code"]
        self.agent_id: str = self.told("activate", "--code", code)["agent_id"]

    def targets(self, *numbers: int) -> list[str]:
        return [self.fleet.printers[number].target for number in numbers]

    def did(self, *words: str) -> str:
        done = subprocess.run(
            [*COMMAND, *words, "--config", str(self.file)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def told(self, *words: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.did(*words, "--json"))
        return answer

    def look_in(self, *numbers: int) -> None:
        door, path = self.tenant.door, f"/v1/agents/{self.agent_id}"
        wanted = {"discovery": {"include": self.targets(*numbers)}}
        changed = door.ask("PATCH", path, wanted, headers={"if-match": door.ask("GET", path).headers["etag"]})
        assert changed.is_success, changed.text

    def printers(self) -> dict[str, Json]:
        """This agent's printers at the partner's, by where they stand."""
        listed = self.tenant.door.got("/v1/printers", agent_id=self.agent_id)["items"]
        return {each["address"]: each for each in listed}

    def enrolled(self, printer_id: str) -> None:
        """The printer is managed, as its workflow leaves it."""
        tenant_id = self.world.tenants[0].ids["root"]
        table = Table(self.world.stack.outputs["EligibilityTableName"], self.world.stack.client("dynamodb"))
        keyed = {"pk": directory.enrolment_status(tenant_id), "sk": directory.managed_printer(printer_id)}
        told = {"tenant_id": tenant_id, "organization_id": self.tenant.ids["organization_id"], "status": "managed"}
        assert table.put({**keyed, **told, "printer_id": printer_id, "enrolment_id": self.tenant.ids["enrolment_id"]})

    def let_days_pass_for(self, printer_id: str, days: int) -> None:
        table = Table(self.world.stack.outputs["FleetTableName"], self.world.stack.client("dynamodb"))
        pk, sk = keys.state(self.world.tenants[0].ids["root"], printer_id)
        item = table.get(pk, sk)
        assert item is not None
        at = key_time(datetime.now(UTC) - timedelta(days=days))
        assert table.put(item | {"taken_at": at, "version": item["version"] + 1})
        # What its agent told since, without a whole reading, is as old.
        table.delete(*keys.agent_contact(item["agent_id"]))


@pytest.fixture
def site(world: World, tmp_path: Path) -> Iterator[Site]:
    with SimulatedFleet(same_address=True) as fleet:
        yield Site(world, tmp_path, fleet)


def test_an_address_taken_out_of_the_search_keeps_its_printer_and_put_back_it_communicates_again(site: Site) -> None:
    """AT-AGT-02: a managed printer whose include address is removed stays listed, noncommunicating, still managed."""
    (stays,), (goes,) = site.targets(STAYS), site.targets(GOES)
    site.did("run", "--once")
    before = site.printers()
    assert {place: each["communication"] for place, each in before.items()} == {
        stays: "communicating",
        goes: "communicating",
    }

    site.enrolled(before[goes]["printer_id"])
    site.look_in(STAYS)
    site.did("run", "--once")

    (quiet,) = [each for each in site.told("status")["printers"] if each["target"] == goes]
    assert "do not name its address any more" in quiet["reason"]
    site.let_days_pass_for(before[goes]["printer_id"], days=2)
    left = site.printers()
    assert (left[stays]["communication"], left[goes]["communication"]) == ("communicating", "noncommunicating")
    assert left[goes]["printer_id"] == before[goes]["printer_id"]
    assert left[goes]["managed_status"] == "managed"

    back_is_open = (alerts.CRITICAL, alerts.UNTRAINED, alerts.GROUP_COVER, 2, 3, "Back is open")
    site.fleet.printers[GOES].behaviour.raise_alert(*back_is_open)
    site.look_in(STAYS, GOES)
    site.did("run", "--once")

    back = site.printers()
    assert back[goes]["printer_id"] == before[goes]["printer_id"]
    assert back[goes]["communication"] == "communicating"
