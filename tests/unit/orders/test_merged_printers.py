"""Orders and decisions of a printer that others were merged into: its own, then theirs, each once."""

import pytest

from functions.orders.fulfilment.partner_desk import one_after_another
from shared.errors import Malformed

LISTS = {"prn_1": ["a", "b", "c"], "prn_2": [], "prn_3": ["d"]}


def page(printer_id: str, *, cursor: str | None) -> tuple[list[str], str | None]:
    start = int(cursor or 0)
    return LISTS[printer_id][start : start + 2], str(start + 2) if start + 2 < len(LISTS[printer_id]) else None


@pytest.mark.parametrize(
    ("printer_ids", "listed"), [(["prn_1"], "abc"), (["prn_1", "prn_2", "prn_3"], "abcd"), (["prn_3", "prn_1"], "dabc")]
)
def test_every_item_of_every_printer_comes_once(printer_ids: list[str], listed: str) -> None:
    found: list[str] = []
    cursor: str | None = None
    while True:
        items, cursor = one_after_another(printer_ids, cursor, page)
        found += items
        if cursor is None:
            break

    assert "".join(found) == listed


def test_a_cursor_of_another_printers_list_is_refused() -> None:
    with pytest.raises(Malformed):
        one_after_another(["prn_1", "prn_2"], "prn_9.x", page)
