"""Writes ``docs/events.md`` from the events' models; `local.schemas` does it together with their schemas."""

from pathlib import Path
from typing import Any, Final

from shared.event_data import MODELS, event_model, schema_name, scope_of
from shared.events import BusEvent, EventName

PAGE: Final = Path(__file__).parents[1] / "docs" / "events.md"
_HEAD: Final = """\
# Which events are there?

Written by `make docs` from `shared/event_data.py`; do not edit it here. How a partner's system is told of them:
[webhooks](webhooks.md).

Every event is one JSON object. Beside `data`, which differs by name, each has:

"""
_RULES: Final = """
An event may come twice, and later than another that happened after it: know it by `event_id`, order it by
`occurred_at`. A field may be added at any time, so ignore what you do not know; none is taken away or changes its
meaning without a new `schema_version`. The schema of each is in [schemas/](schemas), by its name.
"""
_ENVELOPE: Final = {
    "schema_version": "of this event's schema",
    "event_id": "the same whenever this fact is told again",
    "name": "what happened",
    "occurred_at": "when, RFC 3339 in UTC with microseconds",
    "tenant_id": "the partner",
    "organization_id": "whose it is: the partner or one of its customers",
    "subject_id": "what it happened to: an agent, printer, order, call, organisation or webhook",
    "data": "what the tables below say",
}


def files() -> dict[Path, str]:
    """The generated page and what belongs in it."""
    envelope = _table({name: _ENVELOPE[name] for name in BusEvent.model_fields})
    return {PAGE: _HEAD + envelope + _RULES + "".join(_section(name) for name in MODELS)}


def _section(name: EventName) -> str:
    schema = event_model(name).model_json_schema()
    data = schema["$defs"][MODELS[name].__name__]
    rows = {field: _meaning(part) for field, part in data["properties"].items()}
    says = " ".join((MODELS[name].__doc__ or "").split())
    link = f"[schema](schemas/{schema_name(name)}.json)"
    return f"\n## {name}\n\n{says} Needs `{scope_of(name)}`. {link}\n\n{_table(rows)}"


def _meaning(part: dict[str, Any]) -> str:
    kinds = [each.get("type", "object") for each in part.get("anyOf", [part])]
    kind = " or ".join("time" if part.get("format") == "date-time" else each for each in kinds)
    return f"{kind}. {part['description']}" if "description" in part else kind


def _table(rows: dict[str, str]) -> str:
    lines = [f"| `{name}` | {meaning} |" for name, meaning in rows.items()]
    return "\n".join(["| Field | What it is |", "|---|---|", *lines]) + "\n"
