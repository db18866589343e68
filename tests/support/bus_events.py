"""Whether an event is what its published schema promises."""

import json
from typing import Final

import jsonschema

from local.schemas import FOLDER
from shared.event_data import MODELS, schema_name
from shared.events import BusEvent

_FORMATS: Final = jsonschema.Draft202012Validator.FORMAT_CHECKER


def assert_as_published(event: BusEvent) -> None:
    """The event fits its schema, and says nothing that the schema does not name."""
    schema = json.loads((FOLDER / f"{schema_name(event.name)}.json").read_text(encoding="utf-8"))
    as_sent = json.loads(event.model_dump_json())
    jsonschema.validate(as_sent, schema, cls=jsonschema.Draft202012Validator, format_checker=_FORMATS)
    assert set(event.data) <= set(MODELS[event.name].model_fields), event.name
