"""Mergers that a reading asks for: a serial number and a MAC address that were taken for two printers come together.

The upload only notes the wish, in the transaction that teaches the MAC address its printer. The sweep carries it out,
because whether two printers may be joined is for other contexts' facts to say, which no upload may wait for.
"""

from datetime import datetime

from functions.ingest.identities.items import Known, way_back
from functions.ingest.table import keys
from functions.ingest.table.identity import Claim
from shared.table import Item
from shared.tenancy import AgentCaller


def wanted_merger(claim: Claim, known: Known, caller: AgentCaller, now: datetime) -> list[Item]:
    """Items that point the MAC address to the printer of the serial number and ask for the merger; empty mostly.

    A printer known by its MAC address and model alone is merged when its serial number appears. One that has a serial
    number of its own, or that people split off, is not. Safe to repeat: the identity item has the version that was
    read, and points to the right printer after the first time.
    """
    if claim.serial is None or claim.mac is None:
        return []
    by_serial, by_mac = known.get(claim.serial), known.get(claim.mac)
    if by_serial is None or by_mac is None or by_serial["printer_id"] == by_mac["printer_id"]:
        return []
    if by_mac.get("better_key") or by_mac.get("apart"):
        return []
    pk, sk = keys.wanted_merger(caller.tenant_id, by_mac["printer_id"])
    pointed = by_mac | {"printer_id": by_serial["printer_id"], "better_key": claim.serial.text}
    wish: Item = {
        "pk": pk,
        "sk": sk,
        "tenant_id": caller.tenant_id,
        "survivor_id": by_serial["printer_id"],
        "merged_id": by_mac["printer_id"],
        "identity_pk": by_mac["pk"],
        "agent_id": caller.agent_id,
        **keys.chore(by_mac["printer_id"], now),
    }
    return [pointed, way_back(pointed), wish]
