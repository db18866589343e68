"""`python -m local.demo [--walks DIR]`: the whole main job; exit status 0 only when every step happened."""

import shutil
import signal
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final, NoReturn

import typer
from rich.console import Console

from local.adapter.version import WrongEmulatorError
from local.demo import enrolling, ordering, reading, report, servicing, setting_up
from local.demo.progress import Progress, StepFailed
from local.demo.world import Minutes, World
from local.deploy import DeployError
from local.emulator import EmulatorError
from local.partner import FulfilmentPartner
from local.partner_client import PartnerRequestError
from local.printers.clock import SimulatedClock
from local.printers.fleet import SimulatedFleet
from local.printers.recording import RecordingError
from local.printers.responder import AddressUnavailableError
from local.stack import LocalStack, StackError

HISTORY: Final = timedelta(days=21)
"""How much of the past the printers live through in the demo, so that the forecast has something to go by."""
SECONDS_A_DAY: Final = 1.0
WAIT_SCALE: Final = 0.000005  # the seven days after an installation take three seconds
LOG_WIDTH: Final = 132
REPORT: Final = Path(".local/demo-report.json")
_EXPLAINED: Final = (
    StepFailed,
    PartnerRequestError,
    RecordingError,
    AddressUnavailableError,
    DeployError,
    EmulatorError,
    StackError,
    WrongEmulatorError,
)
"""Errors whose message says all: no traceback."""


def main(
    walks: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Recordings (.snmprec) instead of our printers.")
    ] = None,
) -> None:
    """Run the main job on a local stack: read printers, ship a cartridge, open and resolve a ticket."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=LOG_WIDTH)
    progress = Progress(console)
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell may have started us with SIGINT ignored
        signal.signal(each, _interrupted)
    try:
        result = _run(progress, walks)
    except KeyboardInterrupt:
        console.print(f"[yellow]interrupted[/yellow] in step: {progress.current}")
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the step is named and the status is 1
        if not isinstance(error, _EXPLAINED):
            console.print_exception(max_frames=6)
        console.print(f"[bold red]failed[/bold red] in step: {progress.current}\n{error}", highlight=False)
        sys.exit(1)
    report.show(console, result)
    report.write(REPORT, result)
    console.print(f"Everything happened. Report: {REPORT}")


def _run(progress: Progress, walks: Path | None) -> dict[str, Any]:
    work_dir = Path(".local").resolve() / f"demo-{datetime.now(UTC):%H%M%S%f}"
    with ExitStack() as ending:
        ending.callback(shutil.rmtree, work_dir, ignore_errors=True)
        with progress.step("Start the local stack and deploy the template"):
            stack = ending.enter_context(LocalStack(work_dir, wait_scale=WAIT_SCALE))
            progress.say(f"{len(stack.outputs)} outputs at {stack.endpoint_url}")
        fulfilment = ending.enter_context(FulfilmentPartner())
        return _story(World(progress, stack, fulfilment, work_dir, ending), walks)


def _story(world: World, walks: Path | None) -> dict[str, Any]:
    progress = world.progress
    with progress.step("Create partner, customer, site, keys and contact by the partner API"):
        setting_up.open_accounts(world)
        setting_up.make_contact(world)
    with progress.step("Start the printers"):
        rate = timedelta(days=1).total_seconds() / SECONDS_A_DAY
        world.clock = SimulatedClock.running_from(datetime.now(UTC) - HISTORY, rate=rate)
        world.fleet = world.ending.enter_context(SimulatedFleet(clock=world.clock, walks=walks))
        ordering.print_calmly(world)
        progress.say(f"{len(world.fleet.printers)} printers at {', '.join(world.fleet.discovery_criteria())}")
    with progress.step("Activate the agent, discover and read the printers"):
        setting_up.activate_agent(world)
        reading.start_reading(world)
    world.ending.enter_context(Minutes(world.stack))
    with progress.step("Evaluate eligibility and enrol"):
        enrolling.prepare_programme(world)
        enrolling.assign_contact(world)
        evaluation = enrolling.evaluate(world)
        enrolled = enrolling.enrol(world, evaluation)
    with progress.step("Kill the agent, start it again, let three weeks pass"):
        reading.kill_and_restart(world)
        reading.catch_up(world)
    with progress.step("Order a cartridge"):
        order = ordering.toner_falls(world)
        ordering.second_low_reading(world, order)
    with progress.step("Open a service call"):
        call = servicing.fuser_fails(world)
    with progress.step("Ship, deliver, install and close"):
        closed = ordering.fulfil(world, order)
        execution = ordering.execution_history(world, order["order_id"])
    with progress.step("Resolve the service call"):
        calls = servicing.fuser_recovers(world, call)
    with progress.step("Count every reading"):
        counted = reading.nothing_lost_nothing_doubled(world)
    return {
        "finished_at": datetime.now(UTC).isoformat(),
        "printers": _printers(world, evaluation),
        "eligibility": {"counts": evaluation["counts"], "printers": evaluation["printers"], "enrolled": enrolled},
        "order": closed,
        "execution": execution,
        "service_calls": calls,
        "service_call": call,
        "readings": counted,
        "timings_seconds": progress.timings,
    }


def _printers(world: World, evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    """Each printer as it is at the end, with its eligibility at enrolment."""
    eligibility = {each["printer_id"]: each for each in evaluation["printers"]}
    rows = []
    for listed in sorted(world.printers(), key=_maker_and_model):
        details = world.dealer.get(f"/v1/printers/{listed['printer_id']}")
        judged = eligibility[listed["printer_id"]]
        blockers = ", ".join(judged["blockers"])
        rows.append(
            details
            | {
                "status_text": details["status"].get("printer_status") or details["status"].get("device_status") or "-",
                "eligibility": judged["status"] + (f" (also: {blockers})" if blockers else ""),
                "life_count": next(
                    (each["value"] for each in details["counters"] if each["name"] == "life_count"), None
                ),
            }
        )
    return rows


def _maker_and_model(printer: dict[str, Any]) -> tuple[str, str]:
    return printer["manufacturer"] or "", printer["model"] or ""


def _interrupted(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    typer.run(main)
