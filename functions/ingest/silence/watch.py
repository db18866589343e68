"""Watching agents and their printers: who fell silent, who was heard again, told once an episode.

An agent has one small item in the due index. It falls due when the agent would be silent if nothing had come since,
and moves on when something had: so nothing is written when a heartbeat comes. Its printers are looked at once a day,
and those that are silent each time.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from functions.ingest.agents.agent import AgentStatus, find_agent
from functions.ingest.agents.life import printers_of
from functions.ingest.silence.causes import Whereabouts, causes_of
from functions.ingest.silence.episodes import Stage, Stages, counted, heard_at, silent_after, taken_at_of
from functions.ingest.table import keys, outbox
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time, key_time
from shared.errors import Unavailable
from shared.events import EventName
from shared.names import DUE_INDEX, DUE_SHARDS
from shared.table import Item

DailyLook = Callable[[Documents, str, Sequence[str], datetime], object]
"""What else is done once a day with the printers of an agent, by tenant and ids."""
StagesFor = Callable[[Item], Stages]
"""The stages of silence that are set for the site of a watch (ENT-02)."""
KIND: Final = "WATCH"
PAGE: Final = 100
MOST_PRINTERS: Final = 5_000
MOST_FOLLOWED: Final = 500
"""Silent printers of one agent that are looked at each time; the others once a day."""
LOOK_AT_PRINTERS: Final = timedelta(days=1)
WHILE_SILENT: Final = timedelta(hours=6)
AFTER_FAILURE: Final = timedelta(minutes=5)
_TRIES: Final = 3


def watched(documents: Documents, agent: Item, now: datetime) -> Item:
    """The watch of an agent that is activated now, to be committed with that; one that there was goes on."""
    key = keys.watch(agent["agent_id"])
    tenancy = {name: agent[name] for name in ("tenant_id", "organization_id", "organization_path", "site_id")}
    new: Item = {"pk": key[0], "sk": key[1], "printers_at": key_time(now), "silent": [], "more_silent": False}
    before = documents.load([key]).get(key) or new
    return before | tenancy | {"agent_id": agent["agent_id"]} | _due(agent["agent_id"], now + silent_after(agent))


def due_watches(documents: Documents, now: datetime) -> Iterator[list[Item]]:
    """The watches that are due, a page at a time; each minute begins with another shard, so that none waits always."""
    for turn in range(DUE_SHARDS):
        shard = keys.due_partition(KIND, (now.minute + turn) % DUE_SHARDS)
        cursor: str | None = None
        while True:
            between = keys.due_until(now)
            page = documents.page(shard, sk_between=between, index=DUE_INDEX, limit=PAGE, cursor=cursor)
            if page.items:
                yield page.items
            cursor = page.next_cursor
            if cursor is None:
                break


def look_after(
    documents: Documents,
    watches: Sequence[Item],
    now: datetime,
    failed: Callable[[str, Exception], None],
    daily: DailyLook | None = None,
    stages_for: StagesFor = Stages.of_watch,
) -> int:
    """Look at the agents of a page of watches; how many. What fails is told by its agent's id and put off.

    ``daily`` is called for an agent after its printers were looked at. ``stages_for`` is asked at that look, and its
    answer kept in the watch until the next one.

    Safe to repeat and to run beside another: every write is made at the version that was read.
    """
    ids = [watch["agent_id"] for watch in watches]
    wanted = [key(each) for each in ids for key in (keys.agent, keys.agent_contact, keys.watch)]
    found = documents.load(wanted, consistent=False)
    for each in ids:
        watch = found.get(keys.watch(each))
        if watch is None or watch.get("duesk", "~") > keys.due_until(now)[1]:
            continue
        try:
            row, contact = found.get(keys.agent(each)), found.get(keys.agent_contact(each))
            after = _looked_at(documents, watch, row, contact, now, daily, stages_for)
        except Exception as error:  # noqa: BLE001 - one agent's trouble must not hold up the others
            failed(each, error)
            after = watch | _due(each, now + AFTER_FAILURE)
        documents.save(after)
    return len(ids)


def heard_again(documents: Documents, agent_id: str, now: datetime) -> None:
    """An agent that was silent sent something: say so once. Safe to repeat: the mark is taken off with the event.

    When others keep changing the row it is left for the next upload.
    """
    for _ in range(_TRIES):
        agent = find_agent(documents, agent_id)
        if agent is None or "silent_since" not in agent or _heard(documents, agent, now):
            return


def _looked_at(  # noqa: PLR0913, PLR0917 - an agent's items and what a look depends on
    documents: Documents,
    watch: Item,
    agent: Item | None,
    contact: Item | None,
    now: datetime,
    daily: DailyLook | None,
    stages_for: StagesFor,
) -> Item:
    """The watch after a look; without a place in the due index when there is nothing left to watch."""
    agent_id = watch["agent_id"]
    is_active = agent is not None and agent["status"] == AgentStatus.ACTIVE
    heard = False
    following = now + WHILE_SILENT
    if agent is not None and is_active:
        last = heard_at(agent, contact)
        heard = now - last <= silent_after(agent)
        if heard:
            following = last + silent_after(agent)
            if "silent_since" in agent:
                _heard(documents, agent, now)
        elif "silent_since" not in agent:
            _fell_silent(documents, agent, last, now)
    is_daily = now - from_key_time(watch["printers_at"]) >= LOOK_AT_PRINTERS
    if is_daily:
        watch = watch | {"stages": stages_for(watch).as_kept()}
        watch = watch | _all_printers(documents, watch, now, daily, agent_heard=heard)
    elif watch["silent"]:
        watch = watch | {"silent": _followed(documents, watch, now)}
    nothing_left = is_daily and not is_active and not watch["counts"]["total"] > watch["counts"]["lost"]
    if nothing_left:
        return {name: value for name, value in watch.items() if name not in {"duepk", "duesk"}}
    return watch | _due(agent_id, following)


def _fell_silent(documents: Documents, agent: Item, last: datetime, now: datetime) -> None:
    since = key_time(last)
    data = {"since": since, "site_id": agent["site_id"], "name": agent.get("name"), "cause": {"kind": "agent"}}
    event = outbox.told(
        EventName.AGENT_SILENT, agent, subject_id=agent["agent_id"], fact=f"silent:{since}", at=now, data=data
    )
    _commit(documents, [agent | {"silent_since": since}, event])


def _heard(documents: Documents, agent: Item, now: datetime) -> bool:
    since = agent["silent_since"]
    data = {"silent_since": since, "site_id": agent["site_id"], "name": agent.get("name")}
    event = outbox.told(
        EventName.AGENT_HEARD, agent, subject_id=agent["agent_id"], fact=f"heard:{since}", at=now, data=data
    )
    kept = {name: value for name, value in agent.items() if name != "silent_since"}
    return documents.commit([kept, event])


def _all_printers(
    documents: Documents, watch: Item, now: datetime, daily: DailyLook | None, *, agent_heard: bool
) -> Item:
    """Every printer of the agent judged: which are silent, and how many of each stage."""
    tenant_id = watch["tenant_id"]
    ids = printers_of(documents, watch["agent_id"], most=MOST_PRINTERS)
    taken = taken_at_of(documents, tenant_id, ids)
    limits = Stages.of_watch(watch)
    stages = {each: Stage.at(at, now, limits) for each, at in taken.items()}
    silent = [each for each, stage in stages.items() if stage is not None]
    leaving: list[str] = []
    if silent or watch["silent"] or _has_more(watch):
        leaving = _judge(documents, watch, {each: taken[each] for each in silent}, ids, now, agent_heard=agent_heard)
    if daily is not None:
        daily(documents, tenant_id, ids, now)
    counts = counted(list(stages.values())) | {"total": len(ids)}
    # The leaving come first: the others are found again among the agent's printers.
    following = leaving + sorted(silent)
    is_more = len(following) > MOST_FOLLOWED
    return {
        "silent": following[:MOST_FOLLOWED],
        "more_silent": is_more,
        "counts": counts,
        "printers_at": key_time(now),
    }


def _has_more(watch: Item) -> bool:
    """Whether printers may be in an episode that the watch does not follow; one that does not say may have such."""
    return bool(watch.get("more_silent", True))


def _judge(
    documents: Documents,
    watch: Item,
    silent: dict[str, datetime],
    ids: Sequence[str],
    now: datetime,
    *,
    agent_heard: bool,
) -> list[str]:
    """Note and end episodes; the printers whose episodes go on although they are not among the agent's silent ones.

    A printer that changed hands while it was silent stays in its episode until its new agent was looked at. So does
    one that is not silent by days that were set meanwhile: an episode ends with a reading, never with a setting.
    """
    tenant_id = watch["tenant_id"]
    metas = documents.load([keys.meta(tenant_id, each) for each in ids], consistent=False) if silent else {}
    printers = {item["printer_id"]: Whereabouts.of(item, watch["agent_id"]) for item in metas.values()}
    causes = causes_of(silent, printers, agent_heard=agent_heard)
    asked = {*silent, *watch["silent"], *(ids if _has_more(watch) else ())}
    episodes = documents.load([keys.silence(tenant_id, each) for each in sorted(asked)])
    before = {*watch["silent"], *(each["printer_id"] for each in episodes.values() if "heard_at" not in each)}
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
            _commit(documents, [item])
        return
    item.pop("heard_at", None)
    data = {name: item[name] for name in ("since", "stage", "cause", "site_id", "agent_id")}
    data |= {name: meta.get(name) for name in ("manufacturer", "model", "serial_number")}
    printer_id = meta["printer_id"]
    event = outbox.told(
        EventName.PRINTER_SILENT, meta, subject_id=printer_id, fact=f"silent:{since}", at=now, data=data
    )
    _commit(documents, [item, event])


def _followed(documents: Documents, watch: Item, now: datetime) -> list[str]:
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
    _commit(documents, [episode | {"heard_at": key_time(now)}, event])


def _commit(documents: Documents, items: Sequence[Item]) -> None:
    if not documents.commit(items):
        raise Unavailable("store_busy", "Another look was faster; the next one sees what it wrote.")


def _due(agent_id: str, at: datetime) -> Item:
    return keys.due(KIND, agent_id, at)
