"""How many printers of an organisation have each tag: counts that change in the transaction that changes the tags.

A printer that was merged into another is no printer of any list, so its tags count for nothing until it is split off.
"""

from collections.abc import Mapping, Sequence

from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.table import Item


def counted(documents: Documents, meta: Item, steps: Mapping[str, int]) -> list[Item]:
    """The counts of a printer's organisation after these steps, at the versions that were read.

    Safe to repeat: they are committed with the item whose tags they count, or not at all.
    """
    places = {keys.tag_count(meta["tenant_id"], meta["organization_path"], tag): tag for tag in steps}
    found = documents.load(list(places))
    counts: list[Item] = []
    for (pk, sk), tag in places.items():
        stored = found.get((pk, sk)) or {"pk": pk, "sk": sk, "tag": tag, "printers": 0}
        counts.append(stored | {"printers": max(stored["printers"] + steps[tag], 0)})
    return counts


def steps_between(before: Sequence[str], after: Sequence[str]) -> dict[str, int]:
    """One more of each tag that is new, one less of each that is gone."""
    return dict.fromkeys(set(after) - set(before), 1) | dict.fromkeys(set(before) - set(after), -1)
