"""Use cases of breaks: their list, a change that somebody documents, and decisions on them (MTR-05, MTR-06)."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from functions.ingest.identities.histories import ledger_page
from functions.ingest.meters.days import seen_state
from functions.ingest.meters.entry_models import BreakDecision, MeterBreak, NewBreakDecision, NewDocumentedBreak
from functions.ingest.meters.epochs import EXPLAINS_WITHIN, BreakCause, BreakSource, Epoch
from functions.ingest.meters.ledger import Ledger
from functions.ingest.meters.rollup import KEEP, local_day
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time, key_time
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.ids import new_id
from shared.table import Item

MOST_DECISIONS: Final = 50
_REPLACED: Final = {BreakCause.RESET, BreakCause.BOARD_SWAP}


def list_breaks(
    documents: Documents, meta: Item, *, limit: int, cursor: str | None, now: datetime
) -> tuple[list[MeterBreak], str | None]:
    """A page of a printer's breaks, noticed and documented, by day."""
    tenant_id, printer_id = meta["tenant_id"], meta["printer_id"]
    page = ledger_page(documents, meta, keys.METER_BREAK_PREFIX, limit=limit, cursor=cursor)
    if not page.items:
        return [], page.next_cursor
    ledger = Ledger.of(documents, tenant_id, printer_id, seen_state(documents, tenant_id, printer_id), now)
    # What a merged printer's readings showed stands among this one's own; what is no break any more waits for a review.
    known = {item["break_id"] for item in ledger.entries.breaks}
    return [shown(item, ledger) for item in page.items if item["break_id"] in known], page.next_cursor


def document_break(
    documents: Documents, meta: Item, wanted: NewDocumentedBreak, *, zone: ZoneInfo, key_id: str, now: datetime
) -> list[MeterBreak]:
    """Keep that counters were reset, or another board was put in; one break for each counter, all or none.

    Safe to repeat under an Idempotency-Key.

    Raises:
        Conflict: ``already_documented``: somebody told or decided of it before; or ``ledger_full``.
        Invalid: ``not_plausible``: an end lower than what was read before, or a counter without readings.
    """
    _require_past(wanted.at, now)
    if wanted.cause not in _REPLACED:
        raise _refused("/cause", "Give 'reset' or 'board_swap'; anything else is decided when readings show it.")
    tenant_id, printer_id = meta["tenant_id"], meta["printer_id"]
    day = local_day(wanted.at, zone)
    ledger = Ledger.of(documents, tenant_id, printer_id, seen_state(documents, tenant_id, printer_id), now)
    ledger.entries.require_room()
    writes: list[Item] = []
    for counter, values in wanted.counters.items():
        _require_fit(ledger, counter, day, wanted)
        break_id = new_id("mbk")
        pk, sk = keys.meter_break(tenant_id, printer_id, day, break_id)
        at = {"day": day, "at": key_time(wanted.at), "counter": counter}
        item = {"pk": pk, "sk": sk, "break_id": break_id, "source": BreakSource.DOCUMENTED.value, **at}
        decision = _decision(meta, break_id, 1, wanted, key_id, now) | dict(values)
        writes += [item | {"cause": wanted.cause.value} | _tenancy(meta), decision]
    if not documents.commit(writes):
        raise Conflict("printer_busy", "The printer's meters are being changed by others; read them and try again.")
    ledger = Ledger.of(documents, tenant_id, printer_id, ledger.state, now)
    made = {item["break_id"] for item in writes if "source" in item}
    return [shown(item, ledger) for item in ledger.entries.breaks if item["break_id"] in made]


def decide_break(
    documents: Documents, meta: Item, break_id: str, wanted: NewBreakDecision, *, key_id: str, now: datetime
) -> MeterBreak:
    """Decide what a break was. A decision is never changed: a later one names it and takes its place.

    Safe to repeat: each decision has its number as its key, so that of two at once one is refused.

    Raises:
        NotFound: The printer has no such break.
        Conflict: ``already_decided``: there is a decision that this one does not name.
        Invalid: The values do not fit the break.
    """
    tenant_id, printer_id = meta["tenant_id"], meta["printer_id"]
    ledger = Ledger.of(documents, tenant_id, printer_id, seen_state(documents, tenant_id, printer_id), now)
    item = next((each for each in ledger.entries.breaks if each["break_id"] == break_id), None)
    if item is None:
        raise NotFound("break", break_id)
    explaining = explained_by(item, ledger)
    subject_id = explaining or break_id
    before = ledger.entries.rulings.get(subject_id, [])
    if (before[-1]["decision_id"] if before else None) != wanted.corrects:
        known = f"Name '{before[-1]['decision_id']}'." if before else "Leave it out: nobody has decided."
        raise Conflict("already_decided", f"'corrects' is not the last decision. {known}")
    if len(before) >= MOST_DECISIONS:
        raise Conflict("too_many_decisions", f"A break takes at most {MOST_DECISIONS} decisions.")
    values = _values(item, wanted, is_documented=subject_id != break_id or item["source"] == BreakSource.DOCUMENTED)
    decision = _decision(meta, subject_id, len(before) + 1, wanted, key_id, now) | values
    if not documents.commit([decision]):
        raise Conflict("already_decided", "Somebody decided at the same moment; read the break and name that decision.")
    ledger = Ledger.of(documents, tenant_id, printer_id, ledger.state, now)
    return shown(item, ledger)


def explained_by(item: Item, ledger: Ledger) -> str | None:
    """The documented change that a noticed break turned out to be."""
    epoch = _epoch(item, ledger)
    if epoch is None or epoch.ruling is None or epoch.ruling["subject_id"] == item["break_id"]:
        return None
    return str(epoch.ruling["subject_id"])


def shown(item: Item, ledger: Ledger) -> MeterBreak:
    """A break as partners see it."""
    epoch = _epoch(item, ledger)
    explaining = explained_by(item, ledger)
    decisions = ledger.entries.rulings.get(explaining or item["break_id"], [])
    usage = epoch.usage if epoch else None
    by = "person" if decisions else "nobody" if usage is None else "rule"
    expected = item.get("expected", -1)
    return MeterBreak(
        break_id=item["break_id"],
        printer_id=ledger.printer_id,
        counter=item["counter"],
        epoch=epoch.number if epoch else None,
        day=item["day"],
        source=item["source"],
        from_at=item.get("from_at"),
        to_at=item.get("to_at") or item["at"],
        last_before=item.get("last_before"),
        first_after=item.get("first_after"),
        cause=decisions[-1]["cause"] if decisions else item["cause"],
        status="held" if by == "nobody" else "accepted",
        usage=usage,
        expected=None if expected < 0 else expected,
        decided=by,
        explained_by=explaining,
        decisions=[BreakDecision.model_validate(each) for each in decisions],
    )


def _epoch(item: Item, ledger: Ledger) -> Epoch | None:
    return next((each for each in ledger.epochs(item["counter"]) if each.break_id == item["break_id"]), None)


def _decision(
    meta: Item, subject_id: str, number: int, wanted: NewBreakDecision | NewDocumentedBreak, key_id: str, now: datetime
) -> Item:
    pk, sk = keys.meter_ruling(meta["tenant_id"], meta["printer_id"], subject_id, number)
    decision: Item = {
        "pk": pk,
        "sk": sk,
        "subject_id": subject_id,
        "decision_id": new_id("mdc"),
        "cause": wanted.cause.value,
        "decided_by": wanted.decided_by,
        "reason": wanted.reason,
        "evidence": wanted.evidence,
        "decided_at": key_time(now),
        "key_id": key_id,
        "corrects": getattr(wanted, "corrects", None),
    }
    return {name: value for name, value in decision.items() if value is not None} | _tenancy(meta)


def _values(item: Item, wanted: NewBreakDecision, *, is_documented: bool) -> dict[str, int]:
    """The arithmetic of a decision, checked against what was read."""
    given = {
        name: value
        for name in ("final_value", "start_value", "modulus", "usage")
        if (value := getattr(wanted, name)) is not None
    }
    if set(given) not in ({"final_value", "start_value"}, {"modulus"}, {"usage"}):
        raise _refused("/final_value", "Give 'final_value' with 'start_value', or 'modulus', or 'usage' alone.")
    if is_documented and "final_value" not in given:
        raise _refused("/final_value", "A documented change is corrected by 'final_value' with 'start_value'.")
    if ("modulus" in given) != (wanted.cause is BreakCause.ROLL_OVER):
        raise _refused("/modulus", "A 'roll_over', and nothing else, has a 'modulus'.")
    if item["source"] == BreakSource.READINGS:
        previous, current = item["last_before"], item["first_after"]
        if given.get("final_value", previous) < previous:
            raise _refused("/final_value", f"The counter stood at {previous} before; it ended there or higher.")
        if given.get("start_value", current) > current:
            raise _refused("/start_value", f"The counter stood at {current} after; it began there or lower.")
        if given.get("modulus", previous + 1) <= previous:
            raise _refused("/modulus", f"The counter stood at {previous} before; it rolled over above that.")
    return given


def _require_fit(ledger: Ledger, counter: str, day: str, wanted: NewDocumentedBreak) -> None:
    """Refuse a change that is known already, and an end that is lower than the reading before it."""
    for epoch in ledger.epochs(counter):
        is_near = abs(from_key_time(epoch.began_at) - wanted.at) <= EXPLAINS_WITHIN
        if is_near and epoch.ruling is not None:
            detail = f"'{epoch.break_id}' of {epoch.day} is that change; correct its decision."
            raise Conflict("already_documented", f"{counter}: {detail}")
    at, values = key_time(wanted.at), wanted.counters[counter]
    reading = ledger.readings_on(day).get(counter)
    if reading is None:
        raise _refused(f"/counters/{counter}", "The printer has no reading of this counter by then.")
    if reading.at <= at and values.final_value < reading.value:
        raise _refused(
            f"/counters/{counter}/final_value",
            f"The counter stood at {reading.value} before; it ended there or higher.",
        )


def _require_past(at: datetime, now: datetime) -> None:
    if not now - KEEP <= at <= now:
        raise _refused("/at", f"A time in the last {KEEP.days} days.")


def _refused(pointer: str, fix: str) -> Invalid:
    return Invalid("not_plausible", "The values do not fit what was read; see 'errors'.", (FieldError(pointer, fix),))


def _tenancy(meta: Item) -> Item:
    return {name: meta[name] for name in ("tenant_id", "organization_id", "organization_path", "printer_id")}
