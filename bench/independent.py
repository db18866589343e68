"""An independent reader: pysnmp's own high-level walk, nothing of the agent's; and the comparison with the agent."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyasn1.type import univ
from pysnmp.hlapi.v3arch import asyncio as hlapi

from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Absent, Oid, Value
from edge.snmp.targets import Target

SUBTREES: Final[tuple[Oid, ...]] = (
    (*oids.MIB_2, 1),
    oids.IF_PHYS_ADDRESS,
    (*oids.MIB_2, 25, 3),
    oids.PRINTER_MIB,
    oids.ENTERPRISES,
)
"""Five subtrees with every table that a reading needs, walked as a whole: more than the agent asks for."""
REPETITIONS: Final = 25
_TIMEOUT_SECONDS: Final = 2.0
_RETRIES: Final = 1
_MOST_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Walked:
    """What the walks of some printers gave and cost, and who walked."""

    name: str
    rows: dict[Target, dict[Oid, Value]]
    cpu_seconds: float
    wall_seconds: float

    @property
    def values(self) -> int:
        """Rows of all printers."""
        return sum(len(rows) for rows in self.rows.values())


async def walk(targets: Sequence[Target]) -> Walked:
    """Walk printers one after another with one engine, without looking names up in MIBs (the cheap way)."""
    engine = hlapi.SnmpEngine()
    cpu, began = time.process_time(), time.monotonic()
    rows = {target: await _walk_one(engine, target) for target in targets}
    spent = Walked("pysnmp's high-level API", rows, time.process_time() - cpu, time.monotonic() - began)
    engine.close_dispatcher()
    return spent


async def _walk_one(engine: Any, target: Target) -> dict[Oid, Value]:  # noqa: ANN401 - pysnmp publishes no types
    where = await hlapi.UdpTransportTarget.create(
        (target.host, target.port), timeout=_TIMEOUT_SECONDS, retries=_RETRIES
    )
    found: dict[Oid, Value] = {}
    for subtree in SUBTREES:
        walked = hlapi.bulk_walk_cmd(
            engine,
            hlapi.CommunityData(target.credentials[0].community, mpModel=1),  # noqa: S508 - what is measured is v2c
            where,
            hlapi.ContextData(),
            0,
            REPETITIONS,
            hlapi.ObjectType(hlapi.ObjectIdentity(subtree)),
            lookupMib=False,
            lexicographicMode=False,
            maxRows=_MOST_ROWS,
        )
        async for error, status, _, bindings in walked:
            if error or status:
                raise RuntimeError(f"{target}: the independent walk failed: {error or status}")
            found.update((tuple(name), _plain(value)) for name, value in bindings)
    return found


def _plain(value: Any) -> Value:  # noqa: ANN401 - pysnmp publishes no types
    if isinstance(value, univ.OctetString):
        return bytes(value)
    if isinstance(value, univ.ObjectIdentifier):
        return tuple(value)
    return int(value)


def differences(answers: Answers, rows: dict[Oid, Value]) -> list[str]:
    """Every value that one of them has and the other has not, or has differently.

    The agent's columns that were read to their end must have all the rows that the walk found; its other cells
    must be the walk's.
    """
    found = []
    for column, cells in answers.columns.items():
        for index, value in cells.items():
            if not isinstance(value, Absent) and rows.get(column + index) != value:
                found.append(f"{oids.dotted(column + index)}: {value!r}, walked {rows.get(column + index)!r}")
    for column in answers.finished:
        size = len(column)
        missed = [name for name in rows if name[:size] == column and name[size:] not in answers.column(column)]
        found.extend(f"{oids.dotted(name)}: not read, walked {rows[name]!r}" for name in missed)
    return found
