"""Step 8: tables for people, `.local/demo-report.json` for programs."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def show(console: Console, report: dict[str, Any]) -> None:
    """The printers, the order with its execution, the tickets, the time each part took."""
    console.print(_printers(report["printers"]))
    console.print(_order(report["order"], report["execution"]))
    console.print(_calls(report["service_calls"]))
    timings = Table("Part", "Seconds", title="Time")
    for name, seconds in report["timings_seconds"].items():
        timings.add_row(name, f"{seconds:.1f}")
    timings.add_row("all", f"{sum(report['timings_seconds'].values()):.1f}")
    console.print(timings)


def write(path: Path, report: dict[str, Any]) -> None:
    """The report as JSON; the file appears whole or not at all."""
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(report, indent=2, default=str) + "\n")
    temporary.replace(path)


def _printers(printers: list[dict[str, Any]]) -> Table:
    table = Table("Model", "Serial", "Meter", "Supplies", "Status", "Eligibility", title="Printers")
    for printer in printers:
        supplies = " ".join(_supply(each) for each in printer["supplies"]) or "-"
        count = printer["life_count"]
        table.add_row(
            f"{printer['manufacturer'] or '?'} {printer['model'] or '?'}",
            printer["serial_number"] or "-",
            "-" if count is None else f"{count:,}",
            supplies,
            printer["status_text"],
            printer["eligibility"],
        )
    return table


def _supply(supply: dict[str, Any]) -> str:
    name = supply.get("colorant") or supply.get("supply_type") or "supply"
    if supply.get("percent") is not None:
        return f"{name} {float(supply['percent']):.0f}%"
    return f"{name} {supply.get('level_state')}"


def _order(order: dict[str, Any], execution: list[dict[str, Any]]) -> Table:
    """The execution a state a line: when it was entered, and how long it lasted."""
    title = f"Order {order['order_id']}: {order['model']}, {order['description']}, {order['state']}"
    table = Table("Step Functions state", "Type", "Entered", "Seconds", title=title)
    left = {event["state"]: event["at"] for event in execution if event["type"].endswith("StateExited")}
    for event in execution:
        if not event["type"].endswith("StateEntered"):
            continue
        entered = datetime.fromisoformat(event["at"])
        seconds = (datetime.fromisoformat(left.get(event["state"], event["at"])) - entered).total_seconds()
        kind = event["type"].removesuffix("StateEntered")
        table.add_row(event["state"], kind, f"{entered:%H:%M:%S.%f}"[:-3], f"{seconds:.2f}")
    return table


def _calls(calls: list[dict[str, Any]]) -> Table:
    table = Table("Call", "P", "Printer", "Title", "Family", "State", "Opened", title="Service calls")
    for call in calls:
        opened = f"{datetime.fromisoformat(call['opened_at']):%H:%M:%S}"
        words = (call["call_id"], str(call["priority"]), call["model"], call["title"], call["family"], call["state"])
        table.add_row(*(word or "-" for word in words), opened)
    return table
