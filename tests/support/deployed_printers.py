"""Printers of the deployed tenants with a past: one went to another agent, two share a serial number."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.support.ingest import reading

if TYPE_CHECKING:
    from tests.support.deployed import ApiAgent, Door


def printers_with_a_past(door: "Door", agent: "ApiAgent", other: "ApiAgent", name: str) -> dict[str, str]:
    """Ids of a transferred printer, its transfer and its new agent, and of a question about two doubles."""
    now = datetime.now(UTC) - timedelta(seconds=1)
    moving = reading("moving", serial_number=f"{name}-2", mac_address=None, taken_at=now)
    moved = agent.send(moving, seq=9)["outcomes"][0]["printer_id"]
    going = {"to_agent_id": other.agent_id, "printer_ids": [moved]}
    transfer = door.made(f"/v1/agents/{agent.agent_id}/transfers", going)
    for count, pages in ((1, 90_000), (2, 10)):
        mac_address = f"02:00:00:00:00:0{count}"
        double = reading(
            f"double-{count}", serial_number=f"{name}-3", mac_address=mac_address, life_count=pages, taken_at=now
        )
        other.send(double, seq=count)
    question = door.got("/v1/printer-questions")["items"][0]["question_id"]
    return {
        "other_agent_id": other.agent_id,
        "other_printer_id": moved,
        "transfer_id": transfer["transfer_id"],
        "question_id": question,
    }
