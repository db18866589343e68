"""Alerts that are over: from two images of a printer's state, what ended between them. Pure.

Kept for every printer, in the programme or not, as long as its days are: a row is written when an alert ends, and one
when it begins without the printer telling when.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from functions.tickets.alerts.rows import SAME_MOMENT, began_at, standing
from functions.tickets.table import keys
from shared.clock import from_key_time, key_time
from shared.directory import keys as directory
from shared.directory.day import section_time
from shared.directory.views import PrinterState
from shared.names import TTL_ATTRIBUTE
from shared.table import Item
from shared.wire.reading import Alert

KEEP: Final = timedelta(days=400)
_SHOWN: Final = {"index", "severity", "training_level", "group", "group_index", "location", "code", "description"}


def begun(old: Item, new: Item) -> Iterator[Item]:
    """When alerts were first read of which the printer does not tell when they began."""
    known, at = _alerts(old), section_time(new, "alerts")
    for key, alert in _alerts(new).items():
        if key not in known and alert.raised_at is None:
            yield _item(new, directory.alert_begun(key), at) | {"opened_at": at}


def ended(old: Item, new: Item, begun_at: dict[str, str]) -> Iterator[Item]:
    """Alerts that are over, by key of time and alert: the same change told twice is the same item.

    Over is one whose row is gone, or that began again: then it had ended by that time.

    Args:
        old: The state before.
        new: The state after.
        begun_at: When alerts were first read, by logical key, of those that `begun` told.
    """
    present, seen_at = _alerts(new), section_time(new, "alerts")
    for key, alert in _alerts(old).items():
        again = present.get(key)
        if again is None:
            over = seen_at
        elif _came_again(alert, again) and old.get("boot_epoch") == new.get("boot_epoch") and again.raised_at:
            over = key_time(began_at(again, from_key_time(seen_at)))
        else:
            continue
        told = alert.raised_at and key_time(began_at(alert, from_key_time(section_time(old, "alerts"))))
        opened = told or begun_at.get(key)
        said: dict[str, Any] = alert.model_dump(include=_SHOWN, exclude_none=True)
        times = {"cleared_at": over} | ({"opened_at": min(opened, over)} if opened else {})
        yield _item(new, directory.past_alert(over, key), over) | {"alert": said} | times


def keys_begun(old: Item, new: Item) -> list[str]:
    """Logical keys of alerts that are over, of which the printer did not tell when they began."""
    present = _alerts(new)
    return [key for key, alert in _alerts(old).items() if key not in present and alert.raised_at is None]


def _alerts(image: Item) -> dict[str, Alert]:
    return standing(PrinterState.model_validate(image).alerts) if image.get("alerts") else {}


def _came_again(alert: Alert, again: Alert) -> bool:
    if alert.raised_at is None or again.raised_at is None or alert.index == again.index:
        return False
    return again.raised_at > alert.raised_at + SAME_MOMENT


def _item(image: Item, sort_key: str, at: str) -> Item:
    tenancy = {name: image[name] for name in ("tenant_id", "organization_id", "organization_path", "printer_id")}
    expiry = {TTL_ATTRIBUTE: int((from_key_time(at) + KEEP).timestamp())}
    return {"pk": keys.printer(image["tenant_id"], image["printer_id"]), "sk": sort_key, **tenancy, **expiry}
