"""Use cases of manual reads: entered with who and why, checked for plausibility, decided when held (MTR-02).

A manual read stands in the same ledger as automatic ones, marked. Nothing of it is edited: a correction is another read
that names the one it takes the place of.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from functions.ingest.identities.histories import ledger_page
from functions.ingest.identities.retirement import last_day_of
from functions.ingest.meters.days import days_between, seen_state
from functions.ingest.meters.entry_models import (
    ManualRead,
    NewManualRead,
    NewReadDecision,
    PlausibilityCheck,
    ReadDecision,
)
from functions.ingest.meters.epochs import Entries, offset_at
from functions.ingest.meters.ledger import Ledger, Reading, ReadVerdict, next_days_of, verdict_of
from functions.ingest.meters.review import entries_of
from functions.ingest.meters.rollup import KEEP, local_day
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.directory.meters import HISTORY, Point, expected_pages, points_of
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.ids import new_id
from shared.table import Item
from shared.wire.counters import COUNTERS, VOLATILE

BUFFER: Final = 0.6
"""By how much a volume may differ from the expected one (MTR-02 starts at 60 %)."""
MOST_DECISIONS: Final = 50


def list_reads(
    documents: Documents, meta: Item, *, limit: int, cursor: str | None, now: datetime
) -> tuple[list[ManualRead], str | None]:
    """A page of a printer's manual reads, those that were rejected or corrected among them, by day."""
    page = ledger_page(documents, meta, keys.METER_READ_PREFIX, limit=limit, cursor=cursor)
    entries = _entries_of(documents, meta, now) if page.items else Entries([], [], {})
    return [shown(item, entries) for item in page.items], page.next_cursor


def enter_read(
    documents: Documents, meta: Item, wanted: NewManualRead, *, zone: ZoneInfo, key_id: str, now: datetime
) -> ManualRead:
    """Keep a manual read; it counts at once when it is plausible, else it is held for a decision.

    Safe to repeat under an Idempotency-Key.

    Raises:
        Invalid: A time or a counter that cannot be.
        NotFound: The read to be corrected is not one of the printer's.
        Conflict: It was rejected or corrected already; or ``read_exists``: another read of the same moment counts, or
            may yet, and this one does not take its place; or ``ledger_full``.
    """
    if not now - KEEP <= wanted.taken_at <= now:
        raise Invalid(
            "invalid_time",
            "The time is out of bounds.",
            (FieldError("/taken_at", f"A time in the last {KEEP.days} days."),),
        )
    tenant_id, printer_id = meta["tenant_id"], meta["printer_id"]
    state = seen_state(documents, tenant_id, printer_id)
    _require_names(wanted, state)
    ledger = Ledger.of(documents, tenant_id, printer_id, state, now)
    read_id, day = new_id("mrd"), local_day(wanted.taken_at, zone)
    if (last_day := last_day_of(meta)) is not None and day > last_day.isoformat():
        error = FieldError("/taken_at", f"Up to {last_day}, its last day in service; or take its retirement back.")
        raise Invalid("printer_retired", "The printer was out of service by then.", (error,))
    correction = _correction(ledger.entries, meta, wanted, read_id, key_id, now)
    if wanted.corrects:
        ledger.without(wanted.corrects)
    _refuse_second(ledger.entries, wanted)
    ledger.entries.require_room()
    checks = [_checked(ledger, name, value, day, key_time(wanted.taken_at)) for name, value in wanted.counters.items()]
    is_held = any(check.verdict is ReadVerdict.HELD for check in checks)
    pk, sk = keys.meter_read(tenant_id, printer_id, day, read_id)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "read_id": read_id,
        "taken_at": key_time(wanted.taken_at),
        "day": day,
        "counters": dict(wanted.counters),
        "read_by": wanted.read_by,
        "reason": wanted.reason,
        "verdict": (ReadVerdict.HELD if is_held else ReadVerdict.ACCEPTED).value,
        "checks": [check.model_dump(mode="json", exclude_none=True) for check in checks],
        "entered_at": key_time(now),
        "key_id": key_id,
        **({"evidence": wanted.evidence} if wanted.evidence else {}),
        **({"corrects": wanted.corrects} if wanted.corrects else {}),
        **_tenancy(meta),
    }
    if not documents.commit([item, *correction]):
        raise Conflict("read_decided", "Somebody decided on the read at the same moment; read it and try again.")
    return shown(item, ledger.entries)


def decide_read(
    documents: Documents, meta: Item, read_id: str, wanted: NewReadDecision, *, key_id: str, now: datetime
) -> ManualRead:
    """Accept or reject a manual read. A decision is never changed: a later one names it and takes its place.

    Safe to repeat: each decision has its number as its key, so that of two at once one is refused.

    Raises:
        NotFound: The printer has no such read.
        Conflict: ``already_decided``: there is a decision that this one does not name; or the read was corrected.
    """
    entries = _entries_of(documents, meta, now)
    item = _read_of(entries, read_id)
    before = entries.rulings.get(read_id, [])
    if verdict_of(item, entries) is ReadVerdict.CORRECTED:
        raise Conflict("read_corrected", "Another read took the place of this one; decide on that.")
    if (before[-1]["decision_id"] if before else None) != wanted.corrects or len(before) >= MOST_DECISIONS:
        known = f"Name '{before[-1]['decision_id']}'." if before else "Leave it out: nobody has decided."
        raise Conflict("already_decided", f"'corrects' is not the last decision. {known}")
    verdict = ReadVerdict.ACCEPTED if wanted.accept else ReadVerdict.REJECTED
    decision = _decision(meta, read_id, len(before) + 1, verdict, wanted.decided_by, wanted.reason, key_id, now)
    if wanted.corrects:
        decision["corrects"] = wanted.corrects
    if not documents.commit([decision]):
        raise Conflict("already_decided", "Somebody decided at the same moment; read it and name that decision.")
    return shown(item, _entries_of(documents, meta, now))


def shown(item: Item, entries: Entries) -> ManualRead:
    """A manual read as partners see it."""
    decisions = [ReadDecision.model_validate(each) for each in entries.rulings.get(item["read_id"], [])]
    return ManualRead.model_validate(item | {"verdict": verdict_of(item, entries), "decisions": decisions})


def judged(usage: int, expected: float | None, *, is_part_of_day: bool = False) -> tuple[ReadVerdict, str]:
    """Whether a volume is plausible: within 60 % of what is to be expected (MTR-02).

    ``is_part_of_day``: the reading before is of the same day, so that ``expected`` is more than can be asked for; no
    volume is then too low.
    """
    if expected is None:
        return ReadVerdict.ACCEPTED, "no_history"
    is_too_low = usage < (1 - BUFFER) * expected and not is_part_of_day
    if is_too_low or usage > (1 + BUFFER) * expected:
        return ReadVerdict.HELD, "unexpected_volume"
    return ReadVerdict.ACCEPTED, "as_expected"


def _entries_of(documents: Documents, meta: Item, now: datetime) -> Entries:
    tenant_id, printer_id = meta["tenant_id"], meta["printer_id"]
    return entries_of(documents, tenant_id, printer_id, seen_state(documents, tenant_id, printer_id), now)


def _checked(ledger: Ledger, counter: str, value: int, day: str, at: str) -> PlausibilityCheck:
    """What the readings around a manual one say of it."""
    logical = value + offset_at(ledger.epochs(counter), at)
    series = _series_before(ledger, counter, day, at)
    following = _following(ledger, counter, day, at)
    usage = logical - series[-1].value if series else None
    expected: float | None = None
    if following is not None and logical > following:
        verdict, finding = ReadVerdict.HELD, "higher_than_after"
    elif usage is not None and usage < 0:
        verdict, finding, usage = ReadVerdict.HELD, "lower_than_before", None
    else:
        expected = expected_pages(series, day, least_days=1)
        is_same_day = bool(series) and series[-1].day == day
        verdict, finding = judged(usage or 0, expected, is_part_of_day=is_same_day)
    rounded = None if expected is None else round(expected)
    return PlausibilityCheck(counter=counter, verdict=verdict, finding=finding, usage=usage, expected=rounded)


def _series_before(ledger: Ledger, counter: str, day: str, at: str) -> list[Point]:
    """The logical meter of a counter in the 90 days before a time, automatic and accepted manual readings."""
    first = (date.fromisoformat(day) - HISTORY).isoformat()
    days = days_between(ledger.documents, ledger.tenant_id, ledger.printer_id, first, day, ledger.state)
    epochs = ledger.epochs(counter)
    series = [
        Point(point.at, point.value + offset_at(epochs, point.at), point.day)
        for each in days
        for point in points_of(each, counter)
        if point.at < at
    ]
    known: Sequence[Reading] = [each for each in ledger.manual() if each.counter == counter and first <= each.day]
    series += [Point(each.at, each.logical, each.day) for each in known if each.at < at]
    if not series:
        before = ledger.readings_on(first).get(counter)
        return [Point(before.at, before.logical, before.day)] if before else []
    return sorted(series, key=lambda point: point.at)


def _following(ledger: Ledger, counter: str, day: str, at: str) -> int | None:
    """The logical meter at the next automatic reading."""
    same = days_between(ledger.documents, ledger.tenant_id, ledger.printer_id, day, day, ledger.state)
    epochs = ledger.epochs(counter)
    for each in (*same, *next_days_of(ledger, day)):
        for point in points_of(each, counter):
            if point.at > at:
                return point.value + offset_at(epochs, point.at)
    return None


def _require_names(wanted: NewManualRead, state: Item | None) -> None:
    known = {row["name"] for row in (state or {}).get("counters", ())} | COUNTERS.keys()
    errors = tuple(_wrong_names(wanted, known))
    if errors:
        raise Invalid("unknown_counter", "A counter has a name that no meter is kept of.", errors)


def _wrong_names(wanted: NewManualRead, known: set[str]) -> Iterator[FieldError]:
    for name in wanted.counters:
        if name not in known:
            yield FieldError(f"/counters/{name}", "Not in the dictionary (GET /v1/counters), nor read of this printer.")
        elif name in VOLATILE:
            yield FieldError(f"/counters/{name}", "It starts again by design; give a lifetime counter.")


def _refuse_second(entries: Entries, wanted: NewManualRead) -> None:
    """One moment has one value: which of two was to count, nobody could tell (of entries at once, the higher does)."""
    for item in entries.reads:
        is_out = verdict_of(item, entries) in {ReadVerdict.REJECTED, ReadVerdict.CORRECTED}
        if item["taken_at"] == key_time(wanted.taken_at) and not is_out and item["counters"].keys() & wanted.counters:
            detail = f"Read '{item['read_id']}' is of the same moment; name it in 'corrects' to take its place."
            raise Conflict("read_exists", detail, (FieldError("/corrects", f"'{item['read_id']}'"),))


def _correction(
    entries: Entries, meta: Item, wanted: NewManualRead, read_id: str, key_id: str, now: datetime
) -> list[Item]:
    """The decision that takes a corrected read out, to be written with the read that corrects it."""
    if wanted.corrects is None:
        return []
    corrected = _read_of(entries, wanted.corrects)
    if verdict_of(corrected, entries) in {ReadVerdict.REJECTED, ReadVerdict.CORRECTED}:
        raise Conflict("read_decided", "The read to be corrected does not count any more.")
    number = len(entries.rulings.get(wanted.corrects, [])) + 1
    reason = f"corrected by {read_id}"
    return [_decision(meta, wanted.corrects, number, ReadVerdict.CORRECTED, wanted.read_by, reason, key_id, now)]


def _decision(  # noqa: PLR0913, PLR0917 - the parts of a decision
    meta: Item, read_id: str, number: int, verdict: ReadVerdict, by: str, reason: str, key_id: str, now: datetime
) -> Item:
    pk, sk = keys.meter_ruling(meta["tenant_id"], meta["printer_id"], read_id, number)
    return {
        "pk": pk,
        "sk": sk,
        "subject_id": read_id,
        "decision_id": new_id("mdc"),
        "verdict": verdict.value,
        "decided_by": by,
        "reason": reason,
        "decided_at": key_time(now),
        "key_id": key_id,
        **_tenancy(meta),
    }


def _read_of(entries: Entries, read_id: str) -> Item:
    item = next((each for each in entries.reads if each["read_id"] == read_id), None)
    if item is None:
        raise NotFound("manual read", read_id)
    return item


def _tenancy(meta: Item) -> Item:
    return {name: meta[name] for name in ("tenant_id", "organization_id", "organization_path", "printer_id")}
