"""Uploads that meet others or are cut off end as one after the other, whole."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.table import Item
from shared.wire.upload import Outcome, Upload
from tests.support.ingest import NOW, FakeDocuments, minutes, reading, supply, upload
from tests.support.uploads import OTHER_AGENT, accept


class Overtaken(FakeDocuments):
    """A store in which somebody else's upload arrives just before this one's writes."""

    def __init__(self, rival: Upload, *, before_write: int) -> None:
        super().__init__()
        self._rival: Upload | None = rival
        self._before_write = before_write

    def commit(self, items: Sequence[Item], **more: Any) -> bool:  # noqa: ANN401 - as the store
        if self._rival is not None and self.writes == self._before_write:
            rival, self._rival = self._rival, None
            accept(self, rival, agent_id=OTHER_AGENT)
        return super().commit(items, **more)


@pytest.mark.parametrize("before_write", range(3))
def test_two_uploads_at_once_end_as_one_after_the_other(before_write: int) -> None:
    mine = upload(reading("mine", life_count=1_010, level=None))
    rival = upload(reading("rival", taken_at=NOW - minutes(1), life_count=1_000, level=70), seq=9)
    overtaken, in_turn = Overtaken(rival, before_write=before_write), FakeDocuments()
    accept(in_turn, rival, agent_id=OTHER_AGENT)
    accept(in_turn, mine)

    accept(overtaken, mine)

    assert len(overtaken.of_kind("META")) == 1
    names = "gsi1sk duesk pagessk quarters agent_id seen_by meta_digest"
    ignored = {"pk", "sk", "printer_id", "version", *names.split()}
    for mixed, ordered in (
        (overtaken.of_kind("STATE"), in_turn.of_kind("STATE")),
        (overtaken.seen_days(), in_turn.seen_days()),
    ):
        assert len(mixed) == len(ordered) == 1
        assert {k: v for k, v in mixed[0].items() if k not in ignored} == {
            k: v for k, v in ordered[0].items() if k not in ignored
        }


def test_an_upload_that_is_overtaken_again_and_again_asks_to_be_sent_again() -> None:
    class Contended(FakeDocuments):
        def save(self, item: Item) -> bool:
            return item["sk"] != "STATE" and super().save(item)

    with pytest.raises(Unavailable):
        accept(Contended(), upload(reading()))


def test_whatever_write_fails_the_repeat_ends_as_if_none_had(fake: FakeDocuments) -> None:
    sent = upload(
        reading("a1", life_count=10),
        reading("a2", taken_at=NOW + minutes(1), life_count=12, covers=[], level=70),
        reading("b1", serial_number="OTHER", mac_address=None, supplies=[supply(-2)]),
    )
    accept(fake, sent)
    expected, writes = _essence(fake), fake.writes

    for survived in range(writes):
        crashed = FakeDocuments()
        crashed.fail_after = survived
        with pytest.raises(ConnectionError):
            accept(crashed, sent)
        crashed.fail_after = None
        outcomes = accept(crashed, sent).outcomes

        assert all(each.outcome is not Outcome.REJECTED for each in outcomes), survived
        assert _essence(crashed) == expected, survived


def _essence(documents: FakeDocuments) -> list[dict[str, Any]]:
    """Every item of a printer without the ids that are drawn anew."""
    kinds = ("STATE", "WEEK#", "MEDIA", "META", "IDENT", "PRN#")
    drawn = {"pk", "sk", "version", "printer_id", "gsi1sk", "duesk", "pagessk"}
    items = [{name: item[name] for name in sorted(item) if name not in drawn} for item in documents.items.values()]
    shown = zip(documents.items, items, strict=True)
    return sorted(({"kind": key[1], **item} for key, item in shown if key[1].startswith(kinds)), key=_without_id)


def _without_id(item: dict[str, Any]) -> str:
    item["kind"] = item["kind"].split("#")[0]
    return repr(sorted(item.items()))
