"""Where a printer was before: the sites that it left, each with its last day there. Pure.

A printer's own item has its present site and these, so that what it counted is its site's of that day.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from shared.attributes import Item
from shared.directory.views import Stay

STAYS: Final = "stays"
MOST_STAYS: Final = 24
"""The newest are kept; what was counted before the first of them is that one's."""
_DAY: Final = timedelta(days=1)
_LAST: Final = "9999-99-99"


def at_site(meta: Item, site_id: str, since: date) -> Item:
    """A printer's item, at a site from a day on; where it was until then stays, whatever was said of later days.

    The same when it is there already. Safe to repeat.
    """
    first, until = since.isoformat(), (since - _DAY).isoformat()
    all_stays = [*meta.get(STAYS, []), {"site_id": meta["site_id"], "until": _LAST}]
    kept: list[Item] = [each for each in all_stays if each["until"] < first]
    before = kept[-1]["until"] if kept else str(meta["first_seen_at"])[: len(first)]
    if before < until or (not kept and before == until):
        kept.append({"site_id": all_stays[len(kept)]["site_id"], "until": until})
    while kept and kept[-1]["site_id"] == site_id:  # it did not leave
        kept.pop()
    after = {name: value for name, value in meta.items() if name != STAYS} | {"site_id": site_id}
    return after | ({STAYS: kept[-MOST_STAYS:]} if kept else {})


def sites_between(stays: Sequence[Stay], site_id: str, first: date, last: date) -> Iterator[tuple[str, date, date]]:
    """The sites of a printer, now at ``site_id``, from one day to another, each with its first and last day there."""
    for stay in stays:
        until = min(stay.until, last)
        if until >= first:
            yield stay.site_id, first, until
            first = until + _DAY
    if first <= last:
        yield site_id, first, last
