"""Tags and saved views in the store, and the file of printers."""

from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.ingest.printers.columns import DEFAULT_COLUMNS, Column, file_of
from functions.ingest.printers.filter import PrinterFilter, Sort
from functions.ingest.printers.listing import Wanted
from functions.ingest.printers.saved_views import MOST_VIEWS, SavedViews, ViewChange
from functions.ingest.printers.tag_text import normal_tag
from functions.ingest.printers.tags import PrinterTags, TagChange
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.directory.views import ManagedStatus
from shared.errors import Conflict, Invalid, NotFound, PreconditionFailed, PreconditionRequired
from shared.etag import etag_of
from tests.support.ingest import NOW, FakeDocuments
from tests.support.listed import ROOT, TENANT, Fleet, customer, printer_id

TAGS: Final = ("a", "b", "c")


def change(*numbers: int, **wanted: object) -> TagChange:
    return TagChange.model_validate({"printer_ids": [printer_id(each) for each in numbers], **wanted})


@given(
    steps=st.lists(
        st.tuples(
            st.lists(st.integers(0, 4), min_size=1, max_size=5),
            st.sampled_from(["add", "remove", "set"]),
            st.lists(st.sampled_from(TAGS), min_size=1, max_size=2),
        ),
        max_size=12,
    )
)
@settings(max_examples=40, deadline=None)
def test_counts_are_those_of_the_printers_whatever_was_changed(
    steps: list[tuple[list[int], str, list[str]]],
) -> None:
    fleet = Fleet()
    tags = PrinterTags(fleet.documents)
    for number in range(4):
        fleet.add(number, of=number % 2 + 1)
    expected: dict[int, set[str]] = {number: set() for number in range(4)}

    for numbers, how, given_tags in steps:
        outcomes = tags.change(ROOT, change(*numbers, **{how: given_tags}))
        assert [each.code for each in outcomes] == [None if number in expected else "not_found" for number in numbers]
        for number in numbers:
            if number in expected:
                before = expected[number]
                after = {"add": before | {*given_tags}, "remove": before - {*given_tags}, "set": {*given_tags}}
                expected[number] = after[how]

    for visible, seen in ((ROOT, range(4)), (customer(1), (0, 2))):
        counted = {each.tag: each.printers for each in tags.used(visible)}
        real = {tag: sum(tag in expected[number] for number in seen) for tag in TAGS}
        assert counted == {tag: number for tag, number in real.items() if number}


def test_a_printer_out_of_sight_is_answered_as_one_that_is_not_there() -> None:
    fleet = Fleet()
    fleet.add(1, of=2)

    (outcome,) = PrinterTags(fleet.documents).change(customer(1), change(1, add=["x"]))

    assert (outcome.code, outcome.tags) == ("not_found", None)
    assert fleet.documents.items[keys.meta(TENANT, printer_id(1))].get("tags") is None


def test_a_printer_has_at_most_twenty_tags() -> None:
    fleet = Fleet()
    fleet.add(1, tags=[f"old {number}" for number in range(19)])
    tags = PrinterTags(fleet.documents)

    assert tags.change(ROOT, change(1, add=["x", "y"]))[0].code == "too_many_tags"
    assert len(tags.change(ROOT, change(1, add=["x"]))[0].tags or []) == 20


@given(st.text(max_size=60))
def test_a_tag_has_one_form(text: str) -> None:
    tag = normal_tag(text)

    assert normal_tag(tag) == tag
    assert normal_tag(f"  {tag}\t") == tag


def test_capitals_and_widths_of_letters_make_no_other_tag() -> None:
    assert {normal_tag(text) for text in ("Lease  2024", "LEASE 2024", "\uff2cease\u00a02024 ")} == {"lease 2024"}


@pytest.mark.parametrize(
    "wanted",
    [{}, {"add": []}, {"set": [], "add": ["x"]}, {"add": [" "]}, {"add": ["x" * 51]}, {"add": ["a\u202eb"]}],
)
def test_a_change_that_says_nothing_or_too_much_is_refused(wanted: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        change(1, **wanted)


def view(name: str = "Mine", **fields: object) -> ViewChange:
    return ViewChange.model_validate({"name": name, **fields})


def test_a_view_is_seen_below_only_when_it_is_shared_and_changed_only_by_its_own(documents: Documents) -> None:
    views = SavedViews(documents)
    private = views.create(ROOT, view("Private"), NOW)
    shared = views.create(ROOT, view("Shared", shared=True), NOW)
    own = views.create(customer(1), view("Private"), NOW)

    assert [each.name for each in views.all(ROOT)] == ["Private", "Shared"]
    assert [each.view_id for each in views.all(customer(1))] == [own.view_id, shared.view_id]
    assert [each.view_id for each in views.all(customer(2))] == [shared.view_id]
    with pytest.raises(NotFound):
        views.get(customer(1), private.view_id)
    with pytest.raises(NotFound):
        views.change(customer(1), shared.view_id, view(), if_match="*", now=NOW)
    with pytest.raises(NotFound):
        views.delete(customer(1), shared.view_id, if_match="*")


def test_a_writer_says_which_version_it_saw(documents: Documents) -> None:
    views = SavedViews(documents)
    made = views.create(ROOT, view(filter={"tag": ["LEASE"]}, sort="model", columns=["model"]), NOW)

    with pytest.raises(PreconditionRequired):
        views.change(ROOT, made.view_id, view("Other"), if_match=None, now=NOW)
    changed = views.change(ROOT, made.view_id, view("Other"), if_match=etag_of(made.version), now=NOW)
    with pytest.raises(PreconditionFailed):
        views.delete(ROOT, made.view_id, if_match=etag_of(made.version))

    assert (made.filter, made.sort, made.columns) == (PrinterFilter(tag=["lease"]), Sort.MODEL, [Column.MODEL])
    assert views.get(ROOT, made.view_id) == changed
    views.delete(ROOT, made.view_id, if_match=etag_of(changed.version))
    assert views.all(ROOT) == []


def test_names_are_unique_and_their_number_is_bounded() -> None:
    views = SavedViews(FakeDocuments())
    for number in range(MOST_VIEWS):
        views.create(ROOT, view(f"View {number}"), NOW)

    with pytest.raises(Conflict, match="at most 50"):
        views.create(ROOT, view("One more"), NOW)
    first = next(each for each in views.all(ROOT) if each.name == "View 1")
    with pytest.raises(Conflict, match="of this name"):
        views.change(ROOT, first.view_id, view("VIEW 2"), if_match="*", now=NOW)
    with pytest.raises(Invalid, match="too large"):
        views.create(
            customer(1),
            view(filter={"model": ["x" * 128] * 20, "search": ["y" * 128] * 20, "firmware": ["z" * 128] * 20}),
            NOW,
        )


def test_the_file_shows_what_a_dealer_reads_and_no_formula() -> None:
    fleet = Fleet()
    fleet.add(
        1,
        level=12.5,
        age=timedelta(days=8),
        managed=ManagedStatus.PENDING,
        model="=HYPERLINK()",
        tags=["a", "b"],
    )
    page = fleet.printers.page(Wanted(ROOT, PrinterFilter(), Sort.ORGANIZATION), limit=5, cursor=None, now=NOW)
    columns = [Column.MODEL, Column.TAGS, Column.MANAGED, Column.SILENCE_STAGE, Column.LOWEST_SUPPLY, Column.SUPPLIES]

    text = file_of(page.items, columns, with_header=True)

    assert text == (
        "model,tags,managed,silence_stage,lowest_supply,supplies\r\n"
        "'=HYPERLINK(),a; b,MPS (Pending),exception,12.5,1.1 12.5 %\r\n"
    )
    assert file_of([], DEFAULT_COLUMNS, with_header=False) == ""
    assert file_of(page.items, list(Column), with_header=True).count("\r\n") == 2
