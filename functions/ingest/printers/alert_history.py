"""Alerts that are over, as partners see them: a printer's own, and those of printers merged into it (ENT-01)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from functions.ingest.printers.cursor import Place, invalid_cursor
from shared.clock import key_time
from shared.directory.lineage import FIRST, LAST, Span, spans_of
from shared.directory.reader import TicketsDirectory
from shared.directory.views import PastAlertView
from shared.table import MAX_PAGE, Item
from shared.wire.base import UtcDatetime

_END: Final = "~"
_PLACE: Final = re.compile(r"\d{4}-[0-9TZ:.\-]{10,30}#[\x20-\x7e]{1,300}")


class PastAlert(BaseModel):
    """An alert that is over."""

    opened_at: UtcDatetime | None = Field(
        description="When it began, by the printer, or when it was first read; null where neither is known"
    )
    cleared_at: UtcDatetime = Field(description="When it was first read as over, or when it began again")
    severity: str | None = Field(default=None, examples=["critical"])
    training_level: str | None = Field(default=None, examples=["untrained"])
    group: str | None = Field(default=None, examples=["mediaPath"])
    group_index: int | None = Field(default=None, examples=[1])
    location: int | None = Field(default=None, examples=[1])
    code: int | None = Field(default=None, examples=[8])
    description: str | None = Field(default=None, examples=["Paper jam in tray 1"])


class PastAlertPage(BaseModel):
    """A page of alerts that are over, the last first."""

    items: list[PastAlert]
    next_cursor: str | None


def past_alerts(
    tickets: TicketsDirectory, printer: Item, zone: ZoneInfo, *, limit: int, cursor: str | None
) -> PastAlertPage:
    """A page of a printer's alerts that are over, the last first.

    After a merger or a split an alert is its printer's whose days it ended in (`Span`). Of each partition one more is
    read than the page holds. Alerts that ended in one moment alike stay on one page, which may be a few longer.

    Args:
        tickets: Where they are kept.
        printer: The printer's meta.
        zone: Of its site, whose days the spans are made of.
        limit: Alerts a page.
        cursor: Of the page before.

    Raises:
        Malformed: The cursor is not one of this list.
    """
    name, limit = f"alerts of {printer['printer_id']}", min(limit, MAX_PAGE - 1)
    before = _before(cursor, name) if cursor else _END
    found: list[tuple[str, PastAlertView]] = []
    has_more = False
    for span in spans_of(printer, printer["printer_id"]):
        low, high = _moments(span, zone)
        if low <= min(high, before):
            between = (low, min(high, before))
            alerts, more = tickets.past_alerts(printer["tenant_id"], span.printer_id, between=between, limit=limit + 1)
            found += [each for each in alerts if each[0] != before]
            has_more = has_more or more
    found.sort(key=lambda each: (each[0], each[1].printer_id), reverse=True)
    last = found[:limit][-1][0] if found else _END
    shown = [view for place, view in found if place >= last]
    is_last = not shown or not (has_more or len(found) > len(shown))
    return PastAlertPage(
        items=[_past_alert(view) for view in shown], next_cursor=None if is_last else Place(0, last).written(name)
    )


def _before(cursor: str, name: str) -> str:
    place = Place.read(cursor, name)
    if place.part != 0 or not _PLACE.fullmatch(place.key):
        raise invalid_cursor()
    return place.key


def _moments(span: Span, zone: ZoneInfo) -> tuple[str, str]:
    """When the days of a span begin and end, as places are ordered; what ends with a day is of the next one."""
    low = "" if span.first == FIRST else _midnight(date.fromisoformat(span.first), zone)
    high = _END if span.last == LAST else _midnight(date.fromisoformat(span.last) + timedelta(days=1), zone)
    return low, high


def _midnight(day: date, zone: ZoneInfo) -> str:
    return key_time(datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC))


def _past_alert(view: PastAlertView) -> PastAlert:
    return PastAlert(opened_at=view.opened_at, cleared_at=view.cleared_at, **view.alert)
