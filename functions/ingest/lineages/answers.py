"""People's answers to what is asked about a printer: where its supplies go now, whether it is one by itself."""

from datetime import datetime
from typing import Final

from functions.ingest.identities.life_story import Happening, entry
from functions.ingest.identities.questions import Question, asked
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.errors import Conflict, NotFound, Unavailable
from shared.table import Item

_TRIES: Final = 3


def confirm_site_move(  # noqa: PLR0913 - the question, the answer, and who gives it
    documents: Documents,
    printer: Item,
    question_id: str,
    *,
    delivery_contact_id: str | None,
    assigned_contact_id: str | None,
    key_id: str,
    now: datetime,
) -> Item:
    """Say that a printer's supplies go to the right place after its move; its item after that.

    Whoever confirms names the contact, and it must be the assigned one: nobody confirms an address unseen. Safe to
    repeat: a question that was answered is a missing one, and the Idempotency-Key answers as before.

    Raises:
        NotFound: There is no such open question, or the contact is not the one that is assigned.
        Conflict: ``delivery_contact_assigned``: none was named, but one is assigned.
    """
    if delivery_contact_id is None and assigned_contact_id is not None:
        detail = "The printer has a delivery contact; name it, or take it off first."
        raise Conflict("delivery_contact_assigned", detail)
    if delivery_contact_id is not None and delivery_contact_id != assigned_contact_id:
        raise NotFound("delivery contact of this printer", delivery_contact_id)
    said = {"delivery_contact_id": delivery_contact_id}
    what = Happening.SITE_MOVE_CONFIRMED
    return _answered(documents, printer, Question.SITE_MOVE, question_id, what, said, key_id, now)


def resolve_conflict(
    documents: Documents, printer: Item, question_id: str, *, note: str | None, key_id: str, now: datetime
) -> Item:
    """Say that a printer is one by itself, whatever its identity looks like; its item after that.

    Two printers that are one are merged instead, which answers as well. Safe to repeat as `confirm_site_move` is.

    Raises:
        NotFound: There is no such open question.
    """
    what = Happening.IDENTITY_CONFLICT_RESOLVED
    return _answered(documents, printer, Question.IDENTITY_CONFLICT, question_id, what, {"note": note}, key_id, now)


def _answered(  # noqa: PLR0913, PLR0917 - one answer
    documents: Documents,
    printer: Item,
    kind: Question,
    question_id: str,
    what: Happening,
    said: dict[str, str | None],
    key_id: str,
    now: datetime,
) -> Item:
    key = keys.key_of(printer)
    for _ in range(_TRIES):
        question = printer.get(kind.value)
        if question is None or question["question_id"] != question_id:
            raise NotFound("open question", question_id)
        after = {name: value for name, value in printer.items() if name != kind.value}
        story = entry(printer, what, now, question_id, key_id=key_id, **said, **question)
        if documents.commit([after, story], gone=asked(after, printer)[1]):
            return after
        printer = documents.load([key])[key]
    raise Unavailable("printer_busy", "The printer is being written by uploads; try again.")
