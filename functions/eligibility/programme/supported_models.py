"""The models that the programme supports, as the operator writes them."""

from datetime import datetime
from typing import Final

from functions.eligibility.table.models import NewProgrammeModel, ProgrammeModel
from functions.eligibility.table.ports import Programmes
from shared.errors import Conflict
from shared.etag import etag_of, require_match_if_sent

_TRIES: Final = 3


def add_model(programmes: Programmes, wanted: NewProgrammeModel, now: datetime) -> ProgrammeModel:
    """Add a model. Safe to repeat: manufacturer and pattern are its key.

    Raises:
        Conflict: ``model_exists``.
    """
    model = ProgrammeModel(**dict(wanted), updated_at=now)
    if not programmes.create_model(model):
        raise Conflict("model_exists", "The manufacturer's model is there already; change it with PUT.")
    return model


def put_model(programmes: Programmes, wanted: NewProgrammeModel, if_match: str | None, now: datetime) -> ProgrammeModel:
    """Add a model, or replace the one of its manufacturer and pattern. Safe to repeat: it is as it was said to be.

    Raises:
        PreconditionFailed: ``if_match`` is sent and names another version than the present one.
        Conflict: ``model_busy``: others kept changing it.
    """
    for _ in range(_TRIES):
        seen = programmes.model(wanted.manufacturer, wanted.model)
        require_match_if_sent(if_match, etag_of(seen.version) if seen else None)
        if seen is None:
            model = ProgrammeModel(**dict(wanted), updated_at=now)
            is_kept = programmes.create_model(model)
        else:
            model = ProgrammeModel(**dict(wanted), updated_at=now, version=seen.version + 1)
            is_kept = programmes.replace_model(seen, model)
        if is_kept:
            return model
    raise Conflict("model_busy", "The model is being changed by others; read it and try again.")
