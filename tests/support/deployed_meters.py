"""Entries of a deployed printer's meter ledger."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.stack import LocalStack

Json = dict[str, Any]


def meter_entries(made: Callable[[str, Json], Json], printer_id: str) -> dict[str, str]:
    """A manual read, and a change of board that changed no count."""
    now = datetime.now(UTC).isoformat()
    read = {"printer_id": printer_id, "taken_at": now, "counters": {"life_count": 1_000}, "read_by": "x", "reason": "x"}
    entered = made("/v1/meters/reads", read)
    documented = made("/v1/meters/breaks", documented_break(printer_id))
    return {"read_id": entered["read_id"], "break_id": documented["items"][0]["break_id"]}


def documented_break(printer_id: str) -> Json:
    """A change of board, now, that changes no count."""
    return {
        "printer_id": printer_id,
        "cause": "board_swap",
        "at": datetime.now(UTC).isoformat(),
        "counters": {"life_count": {"final_value": 1_000, "start_value": 1_000}},
        "decided_by": "x",
        "reason": "x",
    }


def sweep_fleet(stack: LocalStack) -> None:
    """Let the fleet's sweep come round, with the rights and the code that it is deployed with."""
    client = stack.client("lambda")
    pages = client.get_paginator("list_functions").paginate()
    (name,) = [
        each["FunctionName"] for page in pages for each in page["Functions"] if "IngestSweep" in each["FunctionName"]
    ]
    answer = client.invoke(FunctionName=name, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
