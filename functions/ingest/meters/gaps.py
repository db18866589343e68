"""Days without a count, explained: by the site's calendar, and by what else of the agent was read that day (SUP-30)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final, Self
from zoneinfo import ZoneInfo

from functions.ingest.agents.agent_printers import printers_of
from functions.ingest.identities.retirement import last_day_of
from functions.ingest.meters.days import days_between, seen_state
from functions.ingest.meters.ledger import ReadVerdict, verdict_of
from functions.ingest.meters.models import GapReason, MeterGap, MeterGaps
from functions.ingest.meters.review import entries_of
from functions.ingest.meters.site_days import is_closed, zone_of
from functions.ingest.silence.episodes import taken_at_of
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time
from shared.directory.views import SiteView
from shared.table import Item

MOST_PEERS: Final = 8
"""Other printers of the agent that are asked whether it was at work."""
_FOUND_AMONG: Final = 100


@dataclass(frozen=True, slots=True)
class _Unread:
    """The first day on which a printer was known, the first on which an agent read it, and its last before retirement.

    Without the second no agent did; without the third it is in service.
    """

    known_since: date
    read_since: date | None
    in_service_until: date | None

    @classmethod
    def of(cls, meta: Item, zone: ZoneInfo, by_hand: Iterable[str]) -> Self:
        """A printer's: whoever registered it, or read it by hand, knew of it before an agent did."""
        seen_since = _day_of(meta["first_seen_at"], zone)
        known_since = min([seen_since, *map(date.fromisoformat, by_hand)])
        read_since = _day_of(meta["read_since"], zone) if "read_since" in meta else seen_since
        return cls(known_since, None if "agent_id" not in meta else read_since, last_day_of(meta))

    def reason(self, day: date) -> GapReason | None:
        """Why there is no count on a day before it was read or after it was retired; None on the days between."""
        if self.in_service_until is not None and day > self.in_service_until:
            return GapReason.RETIRED
        if day < self.known_since:
            return GapReason.NOT_YET_DISCOVERED
        return GapReason.NO_AGENT if self.read_since is None or day < self.read_since else None


@dataclass(frozen=True, slots=True)
class _Peers:
    """Other printers of the agent: the days on which any was read, and the first on which one was known."""

    read: set[str]
    since: date


def meter_gaps(
    documents: Documents, meta: Item, site: SiteView | None, first: date, last: date, now: datetime
) -> MeterGaps:
    """The days from ``first`` to ``last`` on which a printer has no count, with the reason of each."""
    tenant_id, printer_id = meta["tenant_id"], meta["printer_id"]
    zone = zone_of(site)
    today = now.astimezone(zone).date()
    last = max(min(last, today), first)
    state = seen_state(documents, tenant_id, printer_id)
    days = days_between(documents, tenant_id, printer_id, first.isoformat(), last.isoformat(), state)
    entries = entries_of(documents, tenant_id, printer_id, state, now)
    by_hand = {item["day"] for item in entries.reads if verdict_of(item, entries) is ReadVerdict.ACCEPTED}
    counted = {day.day for day in days if day.first_counters or day.last_counters}
    uncounted = {day.day for day in days} - counted - by_hand
    counted |= {day for day in by_hand if first.isoformat() <= day <= last.isoformat()}
    missing = [day for day in _days(first, last) if day.isoformat() not in counted]
    unread = _Unread.of(meta, zone, by_hand)
    peers = _peers(documents, meta, missing, zone) if missing else None

    def reason(day: date) -> GapReason:
        if day.isoformat() in uncounted:
            return GapReason.NO_COUNTER
        if (before := unread.reason(day)) is not None:
            return before
        if site is not None and is_closed(site, day):
            return GapReason.SITE_CLOSED
        if day >= today:
            return GapReason.NOT_OVER
        if peers is not None and day >= peers.since:
            return GapReason.PRINTER_SILENT if day.isoformat() in peers.read else GapReason.AGENT_SILENT
        return _alone(documents, meta, day, zone)

    return MeterGaps(
        printer_id=printer_id,
        first_day=first,
        last_day=last,
        days_counted=len(counted),
        days_missing=len(missing),
        gaps=list(_runs([(day, reason(day)) for day in missing])),
    )


def _days(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)


def _runs(missing: Sequence[tuple[date, GapReason]]) -> Iterator[MeterGap]:
    """Days in a row with one reason, together."""
    for (_, reason), run in groupby(
        enumerate(missing), key=lambda each: (each[1][0].toordinal() - each[0], each[1][1])
    ):
        days = [day for _, (day, _) in run]
        yield MeterGap(first_day=days[0], last_day=days[-1], days=len(days), reason=reason)


def _peers(documents: Documents, meta: Item, missing: Sequence[date], zone: ZoneInfo) -> _Peers | None:
    """Those that were known on most of the days; None without an agent, or another printer of it that was ever read.

    A printer that was lost before, or found after, says nothing of what the agent did.
    """
    tenant_id = meta["tenant_id"]
    if "agent_id" not in meta:
        return None
    ids = [each for each in printers_of(documents, meta["agent_id"], most=_FOUND_AMONG) if each != meta["printer_id"]]
    metas = documents.load([keys.meta(tenant_id, each) for each in ids], consistent=False)
    taken = taken_at_of(documents, tenant_id, ids)
    known = {
        item["printer_id"]: (_day_of(item["first_seen_at"], zone), taken[item["printer_id"]].astimezone(zone).date())
        for item in metas.values()
        if item["printer_id"] in taken
    }
    if not known:
        return None
    witnessed = {each: sum(since <= day <= until for day in missing) for each, (since, until) in known.items()}
    asked = sorted(known, key=lambda each: (-witnessed[each], known[each][0], each))[:MOST_PEERS]
    first, last = missing[0].isoformat(), missing[-1].isoformat()
    read: set[str] = set()
    for printer_id in asked:
        state = seen_state(documents, tenant_id, printer_id)
        read |= {day.day for day in days_between(documents, tenant_id, printer_id, first, last, state)}
    return _Peers(read, min(known[each][0] for each in asked))


def _alone(documents: Documents, meta: Item, day: date, zone: ZoneInfo) -> GapReason:
    """The reason where no other printer tells: when the agent was heard of last, and the printer's last silence."""
    contact_key = keys.agent_contact(meta["agent_id"])
    episode_key = keys.silence(meta["tenant_id"], meta["printer_id"])
    found = documents.load([contact_key, episode_key], consistent=False)
    contact, episode = found.get(contact_key), found.get(episode_key)
    if contact is None or _day_of(contact["last_seen_at"], zone) < day:
        return GapReason.AGENT_SILENT
    if episode is not None:
        ended = episode.get("heard_at")
        if _day_of(episode["since"], zone) <= day and (ended is None or day <= _day_of(ended, zone)):
            kind = (episode.get("cause") or {}).get("kind")
            return GapReason.AGENT_SILENT if kind == "agent" else GapReason.PRINTER_SILENT
    return GapReason.UNEXPLAINED


def _day_of(moment: str, zone: ZoneInfo) -> date:
    return from_key_time(moment).astimezone(zone).date()
