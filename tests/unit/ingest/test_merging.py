"""Printers that are one are made one, and two again, without a day or an entry being lost."""

from datetime import timedelta

import pytest

from functions.ingest.identities.histories import days_page, entries_page
from functions.ingest.lineages.chores import do_chores
from functions.ingest.lineages.merging import merge, surviving
from functions.ingest.lineages.splitting import split_off, undo_merger
from functions.ingest.printers.place import in_organization_order, in_pages_order, in_supply_order
from functions.ingest.printers.tags import PrinterTags, TagChange
from functions.ingest.table import keys
from functions.ingest.table.holdings import Holding
from functions.ingest.table.ports import Documents
from shared.errors import Conflict, Invalid, Malformed, NotFound
from shared.table import Item
from shared.visibility import Visible
from tests.support.api_events import AGENT
from tests.support.ingest import NOW, FakeDocuments, reading, supply
from tests.support.printer_lives import ALL, KEY, OTHER_AGENT, OTHER_ORGANIZATION, TENANT, Fleet, holding

DAY = timedelta(days=1)
MAC, OTHER_MAC = "00:11:22:33:44:55", "00:11:22:33:44:99"
LATER = NOW + 9 * DAY


def two(documents: Documents | None = None) -> tuple[Fleet, str, str]:
    """A printer of two days, and another of the two days after them and one in common."""
    fleet = Fleet(documents) if documents else Fleet()
    for day in range(2):
        first = fleet.read(serial_number="ONE1", after=day * DAY, life_count=1_000 + day)
    for day in range(1, 4):
        other = {"serial_number": "TWO2", "mac_address": OTHER_MAC, "life_count": 1_000 + 2 * day}
        second = fleet.read(OTHER_AGENT, after=day * DAY + timedelta(hours=1), **other)
    return fleet, first, second


def merged(fleet: Fleet, first: str, second: str, held: dict[str, set[Holding]] | None = None) -> Item:
    return merge(fleet.documents, TENANT, first, second, holdings_of=holding(held), now=LATER, key_id=KEY)


def days_of(fleet: Fleet, printer_id: str, **asked: str) -> list[tuple[str, int]]:
    """The days of a printer with their last counts, a page of two at a time."""
    meta = surviving(fleet.documents, fleet.meta(printer_id))
    key = keys.state(TENANT, meta["printer_id"])
    found: list[Item] = []
    cursor: str | None = None
    while True:
        state = fleet.documents.load([key]).get(key)
        page = days_page(fleet.documents, meta, state, limit=2, cursor=cursor, **asked)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return [(item["day"], item["last_counters"]["life_count"]) for item in found]


def test_a_merged_printers_days_identities_and_entries_are_the_survivors(documents: Documents) -> None:
    fleet, first, second = two(documents)

    merged(fleet, first, second)

    expected = [("2026-11-22", 1_000), ("2026-11-23", 1_002), ("2026-11-24", 1_004), ("2026-11-25", 1_006)]
    assert days_of(fleet, first) == days_of(fleet, second) == expected
    assert days_of(fleet, first, first="2026-11-23", last="2026-11-24") == expected[1:3]
    assert fleet.read(AGENT, serial_number="TWO2", mac_address=OTHER_MAC, after=5 * DAY) == first
    assert fleet.agents_of(second) == set()
    meta = fleet.meta(second)
    assert (meta["merged_into"], "gsi1pk" in meta) == (first, False)
    page = entries_page(documents, fleet.meta(first), limit=10, cursor=None)
    assert [(item["what"], item["printer_id"] == first) for item in page.items] == [
        ("discovered", True),
        ("discovered", False),
        ("merged", True),
        ("merged_into", False),
    ]


def test_entries_come_a_page_at_a_time_and_a_strange_cursor_is_refused() -> None:
    fleet, first, second = two()
    merged(fleet, first, second)
    meta, found, cursor = fleet.meta(first), [], None
    while True:
        page = entries_page(fleet.documents, meta, limit=1, cursor=cursor)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break

    assert [item["what"] for item in found] == ["discovered", "discovered", "merged", "merged_into"]
    for strange in ("x", "QVVESVQj", "é"):
        with pytest.raises(Malformed):
            entries_page(fleet.documents, meta, limit=1, cursor=strange)
        with pytest.raises(Malformed):
            days_page(fleet.documents, meta, None, limit=1, cursor=strange)


def test_a_merger_asked_for_twice_is_done_once() -> None:
    fleet, first, second = two()

    assert merged(fleet, first, second)["merged_printer_ids"] == merged(fleet, first, second)["merged_printer_ids"]

    assert fleet.story(first).count("merged") == 1
    assert len(fleet.events("PrintersMerged")) == 1


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (({Holding.MANAGED}, {Holding.MANAGED}), "both_managed"),
        (({Holding.OPEN_ORDERS}, {Holding.OPEN_ORDERS}), "both_have_open_orders"),
        (({Holding.OPEN_CALLS}, {Holding.OPEN_CALLS}), "both_have_open_calls"),
        ((set(), {Holding.MANAGED}), "merge_the_other_way"),
        (({Holding.MANAGED}, {Holding.OPEN_CALLS}), "printer_in_use"),
    ],
)
def test_what_is_in_use_on_both_sides_is_not_merged(held: tuple[set[Holding], set[Holding]], code: str) -> None:
    fleet, first, second = two()

    with pytest.raises(Conflict) as refused:
        merged(fleet, first, second, {first: held[0], second: held[1]})

    assert refused.value.code == code
    assert "merged_into" not in fleet.meta(second)


def test_printers_of_two_customers_and_a_printer_with_itself_are_not_merged() -> None:
    fleet = Fleet()
    first = fleet.read()
    strange = fleet.send(OTHER_AGENT, reading("x"), now=NOW, organization_id=OTHER_ORGANIZATION)

    for other, code in ((strange, "printers_of_different_organizations"), (first, "same_printer")):
        with pytest.raises(Conflict) as refused:
            merged(fleet, first, other)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        merged(fleet, first, "prn_01jd2x00000000000000000000")


def kept(fleet: Fleet, printer_id: str) -> list[Item]:
    """All that is stored of a printer and its identities but what a merger and a split add."""
    assert isinstance(fleet.documents, FakeDocuments)
    added = ("AUDIT#", "IDENTITY#", "METER#REVIEW")
    partition, _ = keys.meta(TENANT, printer_id)
    own = [item for item in fleet.documents.items.values() if item["pk"] == partition]
    own += [each for each in fleet.documents.items.values() if each.get("key") and each["printer_id"] == printer_id]
    own = [item for item in own if not item["sk"].startswith(added)]
    ignored = {"version", "apart", "meta_digest"}
    return [
        {name: value for name, value in item.items() if name not in ignored}
        for item in sorted(own, key=lambda item: (item["pk"], item["sk"]))
    ]


def test_a_merger_and_its_split_leave_both_histories_as_they_were() -> None:
    fleet, first, second = two()
    before = kept(fleet, first), kept(fleet, second), days_of(fleet, first), days_of(fleet, second)
    merged(fleet, first, second)

    undo_merger(fleet.documents, fleet.meta(first), second, days_from=None, key_id=KEY, now=LATER)

    assert (kept(fleet, first), kept(fleet, second), days_of(fleet, first), days_of(fleet, second)) == before
    assert fleet.agents_of(second) == {OTHER_AGENT}
    assert (fleet.story(first)[-1], fleet.story(second)[-1]) == ("split", "split_from")
    assert fleet.read(OTHER_AGENT, serial_number="TWO2", mac_address=OTHER_MAC, after=10 * DAY) == second
    with pytest.raises(NotFound):
        undo_merger(fleet.documents, fleet.meta(first), second, days_from=None, key_id=KEY, now=LATER)


def test_the_tags_of_a_merged_printer_count_again_only_when_it_is_split_off(documents: Documents) -> None:
    fleet, first, second = two(documents)
    tags = PrinterTags(documents)
    everything = Visible(TENANT, fleet.meta(first)["organization_path"])

    def tag(printer_id: str, *added: str) -> dict[str, int]:
        tags.change(everything, TagChange(printer_ids=[printer_id], add=list(added)))
        return {each.tag: each.printers for each in tags.used(everything)}

    tag(first, "floor 1")
    assert tag(second, "floor 1", "lease") == {"floor 1": 2, "lease": 1}

    merged(fleet, first, second)

    assert tag(second, "colour") == {"floor 1": 1, "colour": 1}
    assert fleet.meta(first)["tags"] == ["colour", "floor 1"]
    undo_merger(documents, fleet.meta(first), second, days_from=None, key_id=KEY, now=LATER)
    assert tag(second, "lease") == {"floor 1": 2, "lease": 1, "colour": 1}


def test_days_since_a_wrong_merger_go_where_they_belong() -> None:
    fleet, first, second = two()
    merged(fleet, first, second)
    for day in range(5, 8):
        fleet.read(OTHER_AGENT, serial_number="TWO2", mac_address=OTHER_MAC, after=day * DAY, life_count=2_000 + day)
    meta, since = fleet.meta(first), (NOW + 6 * DAY).date()
    with pytest.raises(Invalid):
        undo_merger(fleet.documents, meta, second, days_from=LATER.date(), key_id=KEY, now=LATER)

    undo_merger(fleet.documents, meta, second, days_from=since, key_id=KEY, now=LATER)

    assert days_of(fleet, first) == [("2026-11-22", 1_000), ("2026-11-23", 1_001), ("2026-11-27", 2_005)]
    assert days_of(fleet, second)[-2:] == [("2026-11-28", 2_006), ("2026-11-29", 2_007)]
    fleet.read(serial_number="ONE1", after=10 * DAY, life_count=2_100)
    assert days_of(fleet, first)[-1] == ("2026-12-02", 2_100)


def test_a_mac_address_that_was_another_printers_goes_its_own_way() -> None:
    fleet = Fleet()
    first = fleet.read(life_count=1_000)
    assert fleet.read(life_count=1_010, after=DAY, mac_address=OTHER_MAC) == first

    _, other = split_off(fleet.documents, fleet.meta(first), OTHER_MAC, days_from=None, key_id=KEY, now=LATER)

    assert fleet.read(life_count=1_020, after=10 * DAY, mac_address=OTHER_MAC) == other["printer_id"] != first
    assert fleet.read(life_count=1_020, after=10 * DAY) == first
    assert (fleet.meta(first)["mac_address"], fleet.agents_of(other["printer_id"])) == (MAC, {AGENT})
    with pytest.raises(Conflict):
        split_off(fleet.documents, fleet.meta(first), MAC, days_from=None, key_id=KEY, now=LATER)
    with pytest.raises(NotFound):
        split_off(fleet.documents, fleet.meta(first), OTHER_MAC, days_from=None, key_id=KEY, now=LATER)


def test_a_printer_split_off_is_in_each_order_of_the_list_before_it_is_read_again(documents: Documents) -> None:
    fleet = Fleet(documents)
    first = fleet.read(serial_number="ONE1", mac_address=MAC, supplies=[supply(12)])
    fleet.read(serial_number="ONE1", mac_address=OTHER_MAC, after=DAY, supplies=[supply(12)])

    _, other = split_off(documents, fleet.meta(first), OTHER_MAC, days_from=None, key_id=KEY, now=LATER)

    ranges = {"supply": in_supply_order(ALL), "pages": in_pages_order(ALL), "organization": in_organization_order(ALL)}
    for order, parts in ranges.items():
        listed = [
            item["printer_id"] if part.has_items else item[part.key].rpartition("#")[2]
            for part in parts
            for item in documents.page(part.pk, sk_between=(part.low, part.high), index=part.index, limit=9).items
        ]
        assert sorted(listed) == sorted([first, other["printer_id"]]), order


def wished() -> tuple[Fleet, str, str]:
    """A printer known by its serial number, another by its MAC address, and a reading that shows they are one."""
    fleet = Fleet()
    by_serial = fleet.read(mac_address=None, life_count=1_000)
    by_mac = fleet.read(serial_number=None, after=DAY, life_count=1_010)
    assert by_serial != by_mac
    assert fleet.read(after=2 * DAY, life_count=1_020) == by_serial
    return fleet, by_serial, by_mac


def swept(fleet: Fleet, held: dict[str, set[Holding]] | None = None) -> int:
    failures: list[Exception] = []
    steps = do_chores(
        fleet.documents, holding(held), LATER, failed=lambda _id, error: failures.append(error), has_time=lambda: True
    )
    assert failures == []
    return steps


def test_a_serial_number_that_appears_merges_what_was_known_by_its_mac() -> None:
    fleet, by_serial, by_mac = wished()

    assert (swept(fleet), swept(fleet)) == (1, 0)

    assert fleet.meta(by_mac)["merged_into"] == by_serial
    assert [day for day, _ in days_of(fleet, by_serial)] == ["2026-11-22", "2026-11-23", "2026-11-24"]
    assert fleet.read(serial_number=None, after=3 * DAY) == by_serial


def test_the_managed_one_of_two_survives_whichever_it_is() -> None:
    fleet, by_serial, by_mac = wished()

    swept(fleet, {by_mac: {Holding.MANAGED}})

    assert fleet.meta(by_serial)["merged_into"] == by_mac
    assert fleet.read(after=3 * DAY, life_count=1_030) == by_mac


def test_two_managed_ones_are_put_to_people() -> None:
    fleet, by_serial, by_mac = wished()

    assert swept(fleet, {by_serial: {Holding.MANAGED}, by_mac: {Holding.MANAGED}}) == 1

    for printer_id in (by_serial, by_mac):
        asked = fleet.meta(printer_id)["identity_conflict"]
        assert (asked["kind"], asked["reason"]) == ("merge_refused", "both_managed")
    assert len(fleet.events("PrinterIdentityConflict")) == 2
    assert swept(fleet) == 0


def test_a_reading_never_merges_again_what_people_split() -> None:
    fleet, by_serial, by_mac = wished()
    swept(fleet)

    undo_merger(fleet.documents, fleet.meta(by_serial), by_mac, days_from=None, key_id=KEY, now=LATER)
    fleet.read(after=10 * DAY, life_count=1_040)

    assert swept(fleet) == 0
    assert fleet.read(serial_number=None, after=11 * DAY, life_count=1_050) == by_mac
