"""Watching agents and their printers: who fell silent, who was heard again, told once an episode.

An agent has one small item in the due index. It falls due when the agent would be silent if nothing had come since,
and moves on when something had: so nothing is written when a heartbeat comes. Its printers are looked at once a day,
and those that are silent each time; see `printers_look`. An agent that is seldom heard is looked at in between for
their sake. How many printers it reads says how often it is to report, where nobody set that.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from functions.ingest.agents.agent import AgentStatus, find_agent
from functions.ingest.agents.heartbeat import sized
from functions.ingest.silence.episodes import Stages, heard_at, silent_after
from functions.ingest.silence.printers_look import DailyLook, commit, is_under_way, look_at_printers, still_silent
from functions.ingest.table import keys, outbox
from functions.ingest.table.holdings import StatusesOf
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time, key_time
from shared.events import EventName
from shared.names import DUE_INDEX, DUE_SHARDS
from shared.table import Item

StagesFor = Callable[[Item], Stages]
"""The stages of silence that are set for the site of a watch (ENT-02)."""
KIND: Final = "WATCH"
PAGE: Final = 100
LOOK_AT_PRINTERS: Final = timedelta(days=1)
PRINTERS_WAIT: Final = timedelta(hours=3)
"""The daily look may be so late that a look for the agent serves: one that is heard hourly needs none of its own."""
WHILE_SILENT: Final = timedelta(hours=6)
"""Between looks at an agent that is silent, or has silent printers."""
AFTER_FAILURE: Final = timedelta(minutes=5)
NEXT_PART: Final = timedelta(seconds=1)
"""After a part of an agent's printers the next is looked at by the next sweep, so that others have their turn."""
_TRIES: Final = 3


def watched(documents: Documents, agent: Item, now: datetime) -> Item:
    """The watch of an agent that is activated now, to be committed with that; one that there was goes on."""
    key = keys.watch(agent["agent_id"])
    tenancy = {name: agent[name] for name in ("tenant_id", "organization_id", "organization_path", "site_id")}
    new: Item = {"pk": key[0], "sk": key[1], "printers_at": key_time(now), "silent": [], "more_silent": False}
    before = documents.load([key]).get(key) or new
    following = now + min(silent_after(agent), LOOK_AT_PRINTERS + PRINTERS_WAIT)
    return before | tenancy | {"agent_id": agent["agent_id"]} | _due(agent["agent_id"], following)


def look_sooner(documents: Documents, agent: Item, now: datetime) -> None:
    """An agent that is heard was told a shorter heartbeat: look at it when it would be silent by that.

    Safe to repeat: written at the version that was read, and only sooner. A look that is faster finds the same time.
    """
    key = keys.watch(agent["agent_id"])
    watch, due = documents.load([key]).get(key), _due(agent["agent_id"], now + silent_after(agent))
    if watch is not None and due["duesk"] < watch.get("duesk", ""):
        documents.save(watch | due)


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


def look_after(  # noqa: PLR0913, PLR0917 - what a look depends on
    documents: Documents,
    watches: Sequence[Item],
    now: datetime,
    failed: Callable[[str, Exception], None],
    daily: DailyLook | None = None,
    stages_for: StagesFor = Stages.of_watch,
    statuses_of: StatusesOf | None = None,
) -> int:
    """Look at the agents of a page of watches; how many. What fails is told by its agent's id and put off.

    ``daily`` is called for an agent after its printers were looked at. ``stages_for`` is asked at that look, and its
    answer kept in the watch until the next one. ``statuses_of`` is asked of the printers of large agents, once a day.

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
            after = _looked_at(documents, watch, row, contact, now, daily, stages_for, statuses_of)
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
    statuses_of: StatusesOf | None,
) -> Item:
    """The watch after a look; without a place in the due index when there is nothing left to watch."""
    agent_id = watch["agent_id"]
    active = agent if agent is not None and agent["status"] == AgentStatus.ACTIVE else None
    heard, following = _agent_heard(documents, active, contact, now) if active else (False, now + WHILE_SILENT)
    goes_on = is_under_way(watch)
    is_daily = goes_on or now - from_key_time(watch["printers_at"]) >= LOOK_AT_PRINTERS
    if is_daily:
        if not goes_on:
            watch = watch | {"stages": stages_for(watch).as_kept()}
        watch = look_at_printers(documents, watch, now, daily, statuses_of=statuses_of, agent_heard=heard)
    elif watch["silent"]:
        watch = watch | {"silent": still_silent(documents, watch, now)}
    if is_under_way(watch):
        return watch | _due(agent_id, min(following, now + NEXT_PART))
    if is_daily and active is not None:
        _note_size(documents, active, watch["counts"]["total"] - watch["counts"]["lost"])
    nothing_left = is_daily and active is None and not watch["counts"]["total"] > watch["counts"]["lost"]
    if nothing_left:
        return {name: value for name, value in watch.items() if name not in {"duepk", "duesk"}}
    return watch | _due(agent_id, min(following, _for_printers(watch, now)))


def _for_printers(watch: Item, now: datetime) -> datetime:
    """When the agent's printers are to be looked at next, those that are silent or all of them."""
    all_of_them = from_key_time(watch["printers_at"]) + LOOK_AT_PRINTERS + PRINTERS_WAIT
    return min(all_of_them, now + WHILE_SILENT) if watch["silent"] else all_of_them


def _note_size(documents: Documents, agent: Item, printers: int) -> None:
    """Write how often an agent of so many printers is to report, when that changed; `Inheritance` puts it in force.

    Safe to repeat: written at the version that was read. When somebody was faster the next daily look does it.
    """
    if sized(agent, printers) is agent:
        return
    stored = find_agent(documents, agent["agent_id"])
    if stored is not None:
        documents.save(sized(stored, printers))


def _agent_heard(documents: Documents, agent: Item, contact: Item | None, now: datetime) -> tuple[bool, datetime]:
    """Whether an active agent is heard, which is told when it changed; and when to look at it again."""
    last = heard_at(agent, contact)
    if now - last > silent_after(agent):
        if "silent_since" not in agent:
            _fell_silent(documents, agent, last, now)
        return False, now + WHILE_SILENT
    if "silent_since" in agent:
        _heard(documents, agent, now)
    return True, last + silent_after(agent)


def _fell_silent(documents: Documents, agent: Item, last: datetime, now: datetime) -> None:
    since = key_time(last)
    data = {"since": since, "site_id": agent["site_id"], "name": agent.get("name"), "cause": {"kind": "agent"}}
    event = outbox.told(
        EventName.AGENT_SILENT, agent, subject_id=agent["agent_id"], fact=f"silent:{since}", at=now, data=data
    )
    commit(documents, [agent | {"silent_since": since}, event])


def _heard(documents: Documents, agent: Item, now: datetime) -> bool:
    since = agent["silent_since"]
    data = {"silent_since": since, "site_id": agent["site_id"], "name": agent.get("name")}
    event = outbox.told(
        EventName.AGENT_HEARD, agent, subject_id=agent["agent_id"], fact=f"heard:{since}", at=now, data=data
    )
    kept = {name: value for name, value in agent.items() if name != "silent_since"}
    return documents.commit([kept, event])


def _due(agent_id: str, at: datetime) -> Item:
    return keys.due(KIND, agent_id, at)
