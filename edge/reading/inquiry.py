"""Asks one printer in the way that suits it, and finds out what is at fault when it fails a question as a whole.

A question that fails is asked in halves until what fails is one object, or small enough to work. What was learnt
is put to the proof once more before it is kept in the printer's `AccessPlan`: a lost datagram must teach nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from edge.reading.access import AccessPlan
from edge.reading.fault_search import Failed, Fault, FaultSearch
from edge.snmp import oids
from edge.snmp.codec import Binding, ErrorStatus, Oid, PreparedRequest, Reply, RequestKind
from edge.snmp.earlier import Earlier
from edge.snmp.reply_size import octets_of
from edge.snmp.session import MalformedReply, NoAnswer, Session

CONTROL: Final = (oids.SYS_OBJECT_ID,)
"""The smallest question: whoever leaves it unanswered is silent."""
_SHORTEST_WAIT: Final = 1 / 6
"""Of the usual wait: how soon a printer that listens is taken to have swallowed a question."""
_SLOWER_THAN_SLOWEST: Final = 4
_FALL: Final = 3


class Inquiry:
    """One reading's questions to one printer.

    Args:
        session: the printer's conversation.
        plan: what is known of it; what is learnt goes there.
        now: the time that is kept with it.

    Attributes:
        unanswered: names that were left out or could not be had.
        answer_seconds: how long each answer took.
    """

    def __init__(self, session: Session, plan: AccessPlan, now: datetime) -> None:
        self.session: Final = session
        self.plan = plan
        self.unanswered: set[Oid] = set()
        self._now = now
        self._heard = False
        self._wary = False
        self._last_was_silent = False
        self.answer_seconds: list[float] = []

    async def hear(self) -> None:
        """Ask the smallest question.

        Raises:
            NoAnswer: the printer is silent.
            MalformedReply: what it answers cannot be read, or it answers even this with an error.
            BudgetSpent: the printer has had its time or its octets.
        """
        reply = await self._timed(RequestKind.GET_NEXT, CONTROL, retries=None if self._heard else 0)
        if reply.error not in {ErrorStatus.NONE, ErrorStatus.NO_SUCH_NAME}:
            raise MalformedReply(f"it answers every request with an error ({reply.error.name})")
        self._heard = True
        self._last_was_silent = False

    async def send(
        self, request: PreparedRequest, names: int, earlier: Earlier, *, proven: bool, more: bool = False
    ) -> Reply | None:
        """Ask a question of many names that is encoded already; None when it failed as a whole.

        Args:
            request: the question.
            names: how many names it holds.
            earlier: what was kept of the last reply to it.
            proven: it was answered before, so that silence can only mean that the printer is off.
            more: it is a GETBULK, whose answer holds more than it names.

        Raises:
            NoAnswer: nothing came, of a question that is proven.
            BudgetSpent: the printer has had its time or its octets.
        """
        began = asyncio.get_running_loop().time()
        try:
            reply = await self.session.send(request, retries=None if proven else self._first_retries, earlier=earlier)
        except NoAnswer:
            if proven and not self._heard:
                raise
            return None
        except MalformedReply:
            return None
        self.answer_seconds.append(asyncio.get_running_loop().time() - began)
        told = len(reply.bindings)
        if reply.error is not ErrorStatus.NONE or (
            reply.changes is None and told != names and not (more and told > names)
        ):
            return None
        self._heard = True
        return reply

    async def each(
        self, kind: RequestKind, names: Sequence[Oid], *, known_as: Mapping[Oid, Oid] | None = None
    ) -> dict[Oid, Binding]:
        """What is answered for each name; names that make the printer fail are left out, now and from now on.

        Args:
            kind: GET or GETNEXT.
            names: the objects asked for.
            known_as: under what to remember a name that fails, where that is not the name itself.

        Raises:
            NoAnswer: the printer is silent.
            MalformedReply: nothing that it answers can be read.
            BudgetSpent: the printer has had its time or its octets.
        """
        search = FaultSearch(self.plan, [name for name in names if name not in self.plan.skipped])
        while search.pending:
            part = search.pending.popleft()
            outcome = await self._careful(kind, part) if search.failed else await self._first(kind, part)
            if isinstance(outcome, Failed):
                search.fail(outcome)
            else:
                search.take(part, outcome)
        for suspect in search.suspects:
            await self._convict(kind, suspect, search, known_as or {})
        await self._learn_size(kind, search)
        self.unanswered.update(name for name in names if name not in search.found)
        return search.found

    async def successors(
        self, lead: Sequence[Oid], cursors: Sequence[Oid], rows: int, *, known_as: Mapping[Oid, Oid]
    ) -> tuple[dict[Oid, Binding], list[Binding | None]]:
        """Rows that follow the cursors, by GETBULK where the printer knows it.

        Args:
            lead: names whose successors are read once, in the same reply where that works.
            cursors: names to go on from.
            rows: rows asked for; fewer may come.
            known_as: as of `each`.

        Returns:
            What follows each lead name, and what follows the cursors, row by row; None where a cursor fails.

        Raises:
            NoAnswer, MalformedReply, BudgetSpent: as `each`.
        """
        names = (*lead, *cursors)
        can_bulk = self.plan.bulk and self.session.can_bulk
        if can_bulk:
            outcome = await self._ask(RequestKind.GET_BULK, names, len(lead), rows, quick=self._wary)
            self._wary = self._wary or outcome == Failed(names, Fault.SILENT)
            if not isinstance(outcome, Failed) and len(outcome) > len(lead):
                return dict(zip(lead, outcome, strict=False)), list(outcome[len(lead) :])
        found = await self.each(RequestKind.GET_NEXT, names, known_as=known_as)
        if can_bulk and all(name in found for name in names):
            await self._learn_bulk(names, len(lead), rows)
        return {name: found[name] for name in lead if name in found}, [found.get(cursor) for cursor in cursors]

    @property
    def _first_retries(self) -> int:
        """Repetitions of a question that nothing was heard before: the last one is left to the smallest question."""
        return max(0, self.session.limits.retries - 1)

    async def _first(self, kind: RequestKind, names: tuple[Oid, ...]) -> list[Binding] | Failed:
        """Ask in the usual way; once more before a printer that listens is thought to fail."""
        retries = None if self._heard else self._first_retries
        outcome = await self._ask(kind, names, retries=retries, quick=self._wary)
        if not isinstance(outcome, Failed):
            return outcome
        is_silent = outcome.fault is Fault.SILENT
        if is_silent or not self._heard:
            await self.hear()
        self._wary = self._wary or is_silent
        return await self._ask(kind, names, quick=True) if is_silent else outcome

    async def _careful(self, kind: RequestKind, names: tuple[Oid, ...]) -> list[Binding] | Failed:
        """Ask of a printer that listens, without much patience; two silences in a row put that to the proof."""
        was_silent = self._last_was_silent
        outcome = await self._ask(kind, names, quick=True)
        if isinstance(outcome, Failed) and outcome.fault is Fault.SILENT and was_silent:
            await self.hear()
        return outcome

    async def _convict(
        self, kind: RequestKind, suspect: Failed, search: FaultSearch, known_as: Mapping[Oid, Oid]
    ) -> None:
        outcome = await self._ask(kind, suspect.names, quick=True)
        if isinstance(outcome, Failed) and outcome.fault is Fault.SILENT:
            await self.hear()
            outcome = await self._ask(kind, suspect.names, retries=0)  # it may only be slow to find out
        [name] = suspect.names
        if not isinstance(outcome, Failed):
            search.take(suspect.names, outcome)
        else:
            search.convicted.add(name)
            self.plan.skip(known_as.get(name, name), self._now)

    async def _learn_size(self, kind: RequestKind, search: FaultSearch) -> None:
        """Keep how much is too much, when a question failed though each of its objects is answered."""
        too_much = [each for each in search.failed if len(each.names) > 1 and not search.convicted & set(each.names)]
        if not too_much or search.gave_up:
            return
        least = min(too_much, key=lambda each: len(each.names))
        if not isinstance(await self._ask(kind, least.names, quick=True), Failed):
            return
        if least.fault in {Fault.TOO_BIG, Fault.GARBLED}:
            octets = octets_of(search.found[name] for name in least.names if name in search.found)
            self.plan.learn_reply_octets(self._now, max((each for each in search.octets if each < octets), default=0))
        else:
            fewer = max((each for each in search.sizes if each < len(least.names)), default=1)
            self.plan.learn(self._now, most_names=min(self.plan.most_names, fewer))

    async def _learn_bulk(self, names: tuple[Oid, ...], lead: int, rows: int) -> None:
        """GETBULK failed where GETNEXT did not: keep whether it works for fewer rows, or not at all."""
        for fewer in (rows, 1, 1):
            if not isinstance(await self._ask(RequestKind.GET_BULK, names, lead, fewer, quick=True), Failed):
                if fewer < rows:
                    columns = len(names) - lead
                    bindings = max(columns, columns * rows // _FALL)
                    self.plan.learn(self._now, most_bindings=min(self.plan.most_bindings, bindings))
                return
        self.plan.learn(self._now, bulk=False)

    async def _ask(
        self,
        kind: RequestKind,
        names: tuple[Oid, ...],
        lead: int = 0,
        rows: int = 0,
        *,
        retries: int | None = None,
        quick: bool = False,
    ) -> list[Binding] | Failed:
        try:
            reply = await self._timed(kind, names, lead, rows, retries=0 if quick else retries, quick=quick)
        except NoAnswer:
            self._last_was_silent = True
            return Failed(names, Fault.SILENT)
        except MalformedReply:
            self._last_was_silent = False
            return Failed(names, Fault.GARBLED)
        self._last_was_silent = False
        if reply.error is ErrorStatus.TOO_BIG:
            return Failed(names, Fault.TOO_BIG)
        if reply.error is not ErrorStatus.NONE:
            named = names[reply.error_index - 1] if 0 < reply.error_index <= len(names) else None
            absent = reply.error is ErrorStatus.NO_SUCH_NAME and (named is not None or len(names) == 1)
            return Failed(names, Fault.ABSENT if absent else Fault.REFUSED, named)
        if kind is not RequestKind.GET_BULK and len(reply.bindings) != len(names):
            return Failed(names, Fault.GARBLED)
        self._heard = True
        return reply.bindings

    async def _timed(
        self,
        kind: RequestKind,
        names: tuple[Oid, ...],
        lead: int = 0,
        rows: int = 0,
        *,
        retries: int | None,
        quick: bool = False,
    ) -> Reply:
        loop = asyncio.get_running_loop()
        began = loop.time()
        asked = self.session.ask(kind, names, non_repeaters=lead, repetitions=rows, retries=retries)
        try:
            reply = await (asyncio.wait_for(asked, self._impatience()) if quick else asked)
        except TimeoutError:
            raise NoAnswer(f"no answer in {loop.time() - began:.1f} s") from None
        self.answer_seconds.append(loop.time() - began)
        return reply

    def _impatience(self) -> float:
        """Seconds after which a printer that listens is taken to have swallowed a question."""
        usual = self.session.limits.timeout_seconds
        return min(usual, max(usual * _SHORTEST_WAIT, _SLOWER_THAN_SLOWEST * max(self.answer_seconds, default=0.0)))
