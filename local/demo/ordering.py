"""Step 6: toner falls, the forecast decides, one order runs to its end."""

import json
from typing import Any

from local.demo.progress import StepFailed, eventually, expect
from local.demo.world import World
from local.printers.device import Purpose
from local.printers.printer import SimulatedPrinter
from local.printers.usage import Usage

CALM_PERCENT_A_DAY = 1.4
LOW_PERCENT = 9.0
"""Below the 10 % at which a level is told at once, as the next is below 5 %."""
LOWER_PERCENT = 4.5
_ORDER_SECONDS = 40
NEW_SERIAL = "DEMO-NEW-0002"


def print_calmly(world: World) -> None:
    """Until its turn comes, the printer of the order prints so little that three weeks do not empty it."""
    printer, supply = _printer(world)
    pages = _yield_pages(printer, supply) * CALM_PERCENT_A_DAY / 100
    printer.behaviour.use(Usage(pages_per_day=pages, seed=printer.name))


def toner_falls(world: World) -> dict[str, Any]:
    """The black toner goes below the reorder level that the forecast computes: one order."""
    printer, supply = _printer(world)
    printer_id = _printer_id(world, printer)
    expect(not _orders(world, printer_id), "there is an order before the toner was low")
    _print_down_to(printer, supply, LOW_PERCENT)
    try:
        listed = eventually(
            lambda: next(iter(_orders(world, printer_id)), None), "an order for the low toner", seconds=_ORDER_SECONDS
        )
    except StepFailed as failed:
        last = next(iter(world.dealer.items("/v1/supply-decisions", printer_id=printer_id)), None)
        raise StepFailed(f"{failed}; the last decision: {json.dumps(last)}") from failed
    order = world.dealer.get(f"/v1/orders/{listed['order_id']}")
    expect(order["trigger"] == "predicted", f"the forecast did not decide: trigger is {order['trigger']}")
    forecast = order["forecast"]
    world.progress.say(
        f"order {order['order_id']} at {forecast['level']} %: {forecast['days_to_empty']} days to empty, "
        f"confidence {forecast['confidence']}"
    )
    return order


def second_low_reading(world: World, order: dict[str, Any]) -> None:
    """Lower still: the position has its open order, and gets no second."""
    printer, supply = _printer(world)
    _print_down_to(printer, supply, LOWER_PERCENT)

    def seen() -> bool:
        details = world.dealer.get(f"/v1/printers/{order['printer_id']}")
        levels = [each["percent"] for each in details["supplies"] if each["index"].endswith(f".{supply}")]
        return bool(levels) and float(levels[0]) <= LOWER_PERCENT + 0.5

    eventually(seen, "the second low reading", seconds=_ORDER_SECONDS)
    orders = _orders(world, order["printer_id"])
    expect(len(orders) == 1, f"a second low reading made {len(orders)} orders")
    world.progress.say("a second low reading made no second order")


def fulfil(world: World, order: dict[str, Any]) -> dict[str, Any]:
    """Acknowledged, shipped and delivered by callback; the cartridge is replaced; the order closes."""
    order_id = order["order_id"]
    _await_state(world, order_id, "shipped")
    world.fulfilment.deliver(order_id)
    _await_state(world, order_id, "delivered")
    printer, supply = _printer(world)
    printer.behaviour.replace_cartridge(supply, NEW_SERIAL)
    closed = _await_state(world, order_id, "closed")
    passed = [entry["state"] for entry in closed["history"]]
    expect("installed" in passed, f"the order closed without being installed: {passed}")
    # Recorded printers may be low too, and have orders of their own.
    received = [each for each in world.fulfilment.received_orders if each.order_id == order_id]
    expect(len(received) == 1, f"the fulfilment partner received the order {len(received)} times")
    world.progress.say(" → ".join(passed))
    return closed


def execution_history(world: World, order_id: str) -> list[dict[str, Any]]:
    """The order's Step Functions execution: every state entered, in order, with its time."""
    client = world.stack.client("stepfunctions")
    machine = world.stack.outputs["SuppliesOrderMachineArn"]
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{order_id}"

    def succeeded() -> bool:
        status = client.describe_execution(executionArn=arn)["status"]
        expect(status in {"RUNNING", "SUCCEEDED"}, f"the execution {order_id} is {status}")
        return bool(status == "SUCCEEDED")

    eventually(succeeded, f"execution {order_id} to succeed", seconds=_ORDER_SECONDS)
    history = []
    for page in client.get_paginator("get_execution_history").paginate(executionArn=arn):
        for event in page["events"]:
            entered = event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails") or {}
            history.append(
                {
                    "id": event["id"],
                    "type": event["type"],
                    "at": event["timestamp"].isoformat(),
                    "state": entered.get("name"),
                }
            )
    states = [event["state"] for event in history if str(event["type"]).endswith("StateEntered")]
    expect(len(states) <= 12, f"{len(states)} transitions: at most 12 are allowed")  # noqa: PLR2004 - design D12
    return json.loads(json.dumps(history))  # type: ignore[no-any-return] # plain JSON by construction


def _print_down_to(printer: SimulatedPrinter, supply: int, percent: float) -> None:
    """Print as many pages as use the toner up to there: counters and level move together."""
    left = printer.percent(supply) or 0.0
    printer.behaviour.print_pages(round((left - percent) / 100 * _yield_pages(printer, supply)))


def _yield_pages(printer: SimulatedPrinter, supply: int) -> int:
    return printer.behaviour.snapshot().supplies[supply].supply.yield_pages or 0


def _printer(world: World) -> tuple[SimulatedPrinter, int]:
    printer = world.fleet.for_purpose(Purpose.SUPPLIES_ORDER)
    return printer, min(printer.behaviour.snapshot().supplies)


def _printer_id(world: World, printer: SimulatedPrinter) -> str:
    printer_id = world.printer_id(printer.identity.serial or "")
    expect(printer_id, f"{printer.name} is not in the fleet")
    return printer_id or ""


def _orders(world: World, printer_id: str) -> list[dict[str, Any]]:
    return list(world.dealer.items("/v1/orders", printer_id=printer_id))


def _await_state(world: World, order_id: str, state: str) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        order = world.dealer.get(f"/v1/orders/{order_id}")
        expect(
            order["state"] not in {"failed", "cancelled", "held"}, f"the order is {order['state']}: {order['history']}"
        )
        return order if state in [entry["state"] for entry in order["history"]] else None

    return eventually(reached, f"order {order_id} to be {state}", seconds=_ORDER_SECONDS)
