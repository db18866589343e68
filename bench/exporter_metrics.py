"""What snmp_exporter is told to make metrics of: the objects that the agent's readings are made of, and no others."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from edge.snmp.answers import Answers, Column
from edge.snmp.codec import Absent, Oid, Value
from edge.snmp.oids import IF_PHYS_ADDRESS, dotted

Wanted = Mapping[Oid, tuple[Oid, Value]]
"""Columns, with the index and the value of one row of each."""
_SCALAR: Final[Oid] = (0,)


def wanted_of(kept: Iterable[Answers]) -> Wanted:
    """Every column that some printer answered."""
    wanted: dict[Oid, tuple[Oid, Value]] = {}
    for answers in kept:
        for column, rows in answers.columns.items():
            for row in rows.items():
                if not isinstance(row[1], Absent):
                    wanted[column] = row
    return wanted


def values_in(columns: Mapping[Oid, Column]) -> int:
    """How many values these columns have."""
    return sum(len(rows) for rows in columns.values())


def metrics_of(wanted: Wanted) -> list[dict[str, Any]]:
    """The metrics of a module, as `snmp.yml` has them: one a column, labelled by its row's index.

    Numbers are gauges. A text is a label of its metric, as the exporter's own generator writes it.
    """
    return [
        {
            "name": "_".join(map(str, ("object", *column))),
            "oid": dotted(column),
            "type": _type(column, value),
            "help": dotted(column),
            "indexes": [
                {"labelname": f"index_{place}", "type": "gauge"}
                for place in range(0 if index == _SCALAR else len(index))
            ],
        }
        for column, (index, value) in sorted(wanted.items())
    ]


def samples_in(page: str) -> int:
    """How many values a scrape's answer has, those about the scrape itself apart."""
    return sum(line.startswith("object_") for line in page.splitlines())


def _type(column: Oid, value: Value) -> str:
    if isinstance(value, int):
        return "gauge"
    if column == IF_PHYS_ADDRESS:
        return "PhysAddress48"
    is_text = not isinstance(value, bytes) or value.decode("latin_1").isprintable()
    return "DisplayString" if is_text else "OctetString"
