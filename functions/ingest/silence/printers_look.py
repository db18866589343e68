"""The look at an agent's printers: each day all of them, and each time those that were silent (SUP-30).

Of an agent with more than `MOST_AT_ONCE` they are looked at in parts, one a sweep: first all are counted, by what the
silent may have in common, then all are judged. How far a look is stands in the agent's watch, written after each part;
a part that is cut short is done again and writes nothing twice. An agent with fewer is looked at in one go.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from functions.ingest.agents.agent_printers import printers_after
from functions.ingest.silence.causes import Tally, Whereabouts
from functions.ingest.silence.counts import HELD
from functions.ingest.silence.episodes import Stage, Stages, counted, taken_at_of
from functions.ingest.table import keys, outbox
from functions.ingest.table.holdings import StatusesOf
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.errors import Unavailable
from shared.events import EventName
from shared.table import Item

DailyLook = Callable[[Documents, str, Sequence[str], datetime], object]
"""What else is done once a day with the printers of an agent, by tenant and ids."""
MOST_AT_ONCE: Final = 5_000
MOST_FOLLOWED: Final = 500
"""Silent printers of one agent that are looked at each time; the others once a day."""
_LOOK: Final = "look"


@dataclass(slots=True)
class _Look:
    """How far a look at many printers is.

    Attributes:
        began: When, as `key_time`.
        after: The last printer of the part before; empty at the first part.
        is_counting: The printers are being counted; else judged.
        tally: What the silent may have in common.
        counts: How many of each stage were judged.
        following: Those to be followed, of the parts that were judged.
        is_more: There were more of them than are followed.
    """

    began: str
    after: str = ""
    is_counting: bool = True
    tally: Tally = field(default_factory=Tally)
    counts: Counter[str] = field(default_factory=Counter)
    following: list[str] = field(default_factory=list)
    is_more: bool = False

    @classmethod
    def of(cls, watch: Item, now: datetime) -> Self:
        """The one that is under way, or a new one."""
        kept: dict[str, Any] | None = watch.get(_LOOK)
        if kept is None:
            return cls(key_time(now))
        counts = Counter({name: int(count) for name, count in kept["counts"].items()})
        return cls(**kept | {"tally": Tally.stored(kept["tally"]), "counts": counts})

    def as_kept(self) -> Item:
        """What `of` reads."""
        plain = {name: getattr(self, name) for name in ("began", "after", "is_counting", "following", "is_more")}
        return plain | {"tally": self.tally.as_kept(), "counts": dict(self.counts)}

    def go_on(self, ids: Sequence[str], *, is_more: bool) -> bool:
        """Move on behind a part; whether all is done."""
        self.after = ids[-1] if is_more else ""
        is_done = not is_more and not self.is_counting
        self.is_counting = self.is_counting and is_more
        return is_done

    def follow(self, leaving: Sequence[str], silent: Iterable[str]) -> None:
        """Note whom to follow. The leaving come first: the others are found again among the agent's printers."""
        following = [*self.following, *leaving, *sorted(silent)]
        self.following, self.is_more = following[:MOST_FOLLOWED], self.is_more or len(following) > MOST_FOLLOWED


def is_under_way(watch: Item) -> bool:
    """Whether a look at the agent's printers is to be gone on with."""
    return _LOOK in watch


def look_at_printers(
    documents: Documents,
    watch: Item,
    now: datetime,
    daily: DailyLook | None,
    *,
    statuses_of: StatusesOf | None,
    agent_heard: bool,
) -> Item:
    """The watch after a look at all printers of the agent, or at the next part of them: see `is_under_way`.

    Then it says which are silent and how many of each stage; of an agent that is looked at in parts also how many are
    managed and pending, by ``statuses_of``: those of a smaller one are counted by whoever asks. Safe to repeat:
    episodes and events are written at the version that was read.
    """
    is_first, look = not is_under_way(watch), _Look.of(watch, now)
    tenant_id, limits = watch["tenant_id"], Stages.of_watch(watch)
    ids, is_more = printers_after(documents, watch["agent_id"], look.after, most=MOST_AT_ONCE)
    taken = taken_at_of(documents, tenant_id, ids)
    stages = {each: Stage.at(at, now, limits) for each, at in taken.items()}
    silent = {each: taken[each] for each, stage in stages.items() if stage is not None}
    is_whole = is_first and not is_more
    if look.is_counting and not is_whole:
        metas = documents.load([keys.meta(tenant_id, each) for each in ids], consistent=False)
        look.tally.add(silent, _whereabouts(metas.values(), watch))
        look.go_on(ids, is_more=is_more)
        return watch | {_LOOK: look.as_kept()}
    followed = watch["silent"] if is_whole else _of_part(documents, watch, ids, is_first=not look.after)
    leaving: list[str] = []
    if silent or followed or _has_more(watch):
        tally = None if is_whole else look.tally
        leaving = _judge(documents, watch, followed, silent, ids, now, tally=tally, agent_heard=agent_heard)
    if daily is not None:
        daily(documents, tenant_id, ids, now)
    look.counts.update(counted(list(stages.values())) | {"total": len(ids)})
    if statuses_of is not None and not is_whole:
        held = Counter(statuses_of(tenant_id, ids))
        look.counts.update({status.value: held[status] for status in HELD})
    look.follow(leaving, silent)
    if not look.go_on(ids, is_more=is_more) and not is_whole:
        return watch | {_LOOK: look.as_kept()}
    kept = {name: value for name, value in watch.items() if name != _LOOK}
    said = {"silent": look.following, "more_silent": look.is_more, "counts": dict(look.counts)}
    return kept | said | {"printers_at": look.began}


def _of_part(documents: Documents, watch: Item, ids: Sequence[str], *, is_first: bool) -> list[str]:
    """Of the printers that are followed those of a part; with the first part those that are the agent's no more."""
    here = set(ids)
    part = [each for each in watch["silent"] if each in here]
    if is_first:
        links = {each: keys.agent_printer(watch["agent_id"], each) for each in watch["silent"]}
        found = documents.load(list(links.values()), consistent=False)
        part += [each for each, link in links.items() if link not in found and each not in here]
    return part


def _whereabouts(metas: Iterable[Item], watch: Item) -> dict[str, Whereabouts]:
    return {item["printer_id"]: Whereabouts.of(item, watch["agent_id"]) for item in metas}


def _has_more(watch: Item) -> bool:
    """Whether printers may be in an episode that the watch does not follow; one that does not say may have such."""
    return bool(watch.get("more_silent", True))


def _judge(  # noqa: PLR0913 - a part of the printers, and what is known of them
    documents: Documents,
    watch: Item,
    followed: Sequence[str],
    silent: Mapping[str, datetime],
    ids: Sequence[str],
    now: datetime,
    *,
    tally: Tally | None,
    agent_heard: bool,
) -> list[str]:
    """Note and end episodes; the printers whose episodes go on although they are not among the agent's silent ones.

    A printer that changed hands while it was silent stays in its episode until its new agent was looked at. So does
    one that is not silent by days that were set meanwhile: an episode ends with a reading, never with a setting.
    """
    tenant_id = watch["tenant_id"]
    metas = documents.load([keys.meta(tenant_id, each) for each in ids], consistent=False) if silent else {}
    printers = _whereabouts(metas.values(), watch)
    if tally is None:
        tally = Tally()
        tally.add(silent, printers)
    causes = tally.causes(silent, printers, agent_heard=agent_heard)
    asked = {*silent, *followed, *(ids if _has_more(watch) else ())}
    episodes = documents.load([keys.silence(tenant_id, each) for each in sorted(asked)])
    before = {*followed, *(each["printer_id"] for each in episodes.values() if "heard_at" not in each)}
    stages = Stages.of_watch(watch)
    for printer_id, taken_at in silent.items():
        key = keys.silence(tenant_id, printer_id)
        meta = metas.get(keys.meta(tenant_id, printer_id))
        if meta is not None:
            stage = Stage.at(taken_at, now, stages)
            _note(documents, episodes.get(key), key, meta, taken_at, stage, causes[printer_id], now)
    others = sorted(before - silent.keys())
    others_taken = taken_at_of(documents, tenant_id, others)
    still = {each for each, at in others_taken.items() if Stage.at(at, now, stages) is not None}
    leaving = []
    for printer_id in others:
        episode = episodes.get(keys.silence(tenant_id, printer_id))
        if printer_id not in still and not _is_unread(episode, others_taken.get(printer_id)):
            _end(documents, episode, now)
        elif episode is not None and episode["agent_id"] == watch["agent_id"]:
            leaving.append(printer_id)
    return leaving


def _note(  # noqa: PLR0913, PLR0917 - an episode's parts
    documents: Documents,
    before: Item | None,
    key: Key,
    meta: Item,
    taken_at: datetime,
    stage: Stage | None,
    cause: Item,
    now: datetime,
) -> None:
    """The episode as it is now; its event goes with its first note."""
    fields = {name: meta[name] for name in ("tenant_id", "organization_id", "organization_path", "site_id", "agent_id")}
    since = key_time(taken_at)
    seen = {"printer_id": meta["printer_id"], "since": since, "stage": stage and stage.value, "cause": cause}
    item: Item = (before or {"pk": key[0], "sk": key[1]}) | fields | seen
    if before is not None and before["since"] == since and "heard_at" not in before:
        if item != before:
            commit(documents, [item])
        return
    item.pop("heard_at", None)
    data = {name: item[name] for name in ("since", "stage", "cause", "site_id", "agent_id")}
    data |= {name: meta.get(name) for name in ("manufacturer", "model", "serial_number")}
    printer_id = meta["printer_id"]
    event = outbox.told(
        EventName.PRINTER_SILENT, meta, subject_id=printer_id, fact=f"silent:{since}", at=now, data=data
    )
    commit(documents, [item, event])


def still_silent(documents: Documents, watch: Item, now: datetime) -> list[str]:
    """The silent printers that still are; the episodes of the others end."""
    tenant_id = watch["tenant_id"]
    taken = taken_at_of(documents, tenant_id, watch["silent"])
    stages = Stages.of_watch(watch)
    back = [each for each in watch["silent"] if each in taken and Stage.at(taken[each], now, stages) is None]
    episodes = documents.load([keys.silence(tenant_id, each) for each in back])
    unread = {each for each in back if _is_unread(episodes.get(keys.silence(tenant_id, each)), taken[each])}
    for episode in episodes.values():
        if episode["printer_id"] not in unread:
            _end(documents, episode, now)
    return [each for each in watch["silent"] if each in unread or each not in back]


def _is_unread(episode: Item | None, taken_at: datetime | None) -> bool:
    """Whether an episode goes on because the printer was not read since it began."""
    return episode is not None and taken_at is not None and episode["since"] == key_time(taken_at)


def _end(documents: Documents, episode: Item | None, now: datetime) -> None:
    if episode is None or "heard_at" in episode:
        return
    data = {"silent_since": episode["since"], "stage": episode["stage"], "site_id": episode["site_id"]}
    printer_id = episode["printer_id"]
    event = outbox.told(
        EventName.PRINTER_HEARD, episode, subject_id=printer_id, fact=f"heard:{episode['since']}", at=now, data=data
    )
    commit(documents, [episode | {"heard_at": key_time(now)}, event])


def commit(documents: Documents, items: Sequence[Item]) -> None:
    """Write all items or none.

    Raises:
        Unavailable: Somebody was faster; the next look sees what it wrote.
    """
    if not documents.commit(items):
        raise Unavailable("store_busy", "Another look was faster; the next one sees what it wrote.")
