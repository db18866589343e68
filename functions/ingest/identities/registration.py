"""From what readings say of their printers to printer ids, registering printers that are new.

Every write here is a transaction of items that must not exist yet (or, for an adoption, be as they were read), so two
uploads at once end with one printer, and a repeat finds what was written and writes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from functions.ingest.identities import telling_apart
from functions.ingest.identities.doubles import Doubt, Sight, doubt
from functions.ingest.identities.items import Known, identified, loaded_identities
from functions.ingest.identities.life_story import Happening, entry
from functions.ingest.identities.merge_requests import wanted_merger
from functions.ingest.identities.printer_meta import new_meta
from functions.ingest.identities.questions import ConflictKind, asked
from functions.ingest.identities.telling_apart import IDENTITY_EVENT_FIELDS, conflict
from functions.ingest.table import keys, outbox
from functions.ingest.table.identity import Claim, IdentityKey, Match, claim_of, components, match, unambiguous
from functions.ingest.table.ports import Documents
from shared.errors import Unavailable
from shared.events import EventName
from shared.ids import new_id
from shared.table import Item
from shared.tenancy import AgentCaller
from shared.wire.reading import PrinterReading

ATTEMPTS: Final = 6


@dataclass(frozen=True, slots=True)
class Registrar:
    """Finds or registers the printers of one agent's readings."""

    documents: Documents
    caller: AgentCaller
    agent_version: str
    now: datetime

    def printer_ids(
        self, readings: Sequence[PrinterReading], run_all: Callable[[Sequence[Callable[[], None]]], None]
    ) -> list[str | None]:
        """The printer of each reading; None where only an address was read and it is a better known printer's.

        Args:
            readings: Valid readings of one upload.
            run_all: Runs tasks, at once or one after another; each task registers printers of its own.
        """
        claims = [claim_of(each.identity, self.caller.agent_id, each.address) for each in readings]
        known = self._known([key for claim in claims for key in claim.keys])
        sights = telling_apart.sights(claims, known, self.caller, self.documents)
        found = [self._settled(claim, reading, known, sights) for claim, reading in zip(claims, readings, strict=True)]
        open_positions = [position for position, printer_id in enumerate(found) if printer_id is None]

        def task(positions: list[int]) -> Callable[[], None]:
            def register() -> None:
                mine = {key: known[key] for each in positions for key in claims[each].keys if key in known}
                seen = dict(sights)
                for position in sorted(positions, key=lambda each: readings[each].taken_at):
                    printer_id = self._printer_id(claims[position], readings[position], mine, seen)
                    found[position] = printer_id
                    if printer_id is not None:
                        seen[printer_id] = Sight.of(readings[position])

            return register

        groups = components([claims[position] for position in open_positions])
        run_all([task([open_positions[each] for each in group]) for group in groups])
        return found

    def _settled(self, whole: Claim, reading: PrinterReading, known: Known, sights: Mapping[str, Sight]) -> str | None:
        """The printer of a claim that teaches nothing new, as nearly all do; else None."""
        claim = unambiguous(whole, known)
        how, printer_id = match(claim, known)
        if how is not Match.KNOWN or printer_id is None or identified(self.caller, printer_id, claim, known, self.now):
            return None
        if _doubt(claim, reading, printer_id, known, sights) or wanted_merger(claim, known, self.caller, self.now):
            return None
        return printer_id

    def _printer_id(
        self, whole: Claim, reading: PrinterReading, known: Known, sights: Mapping[str, Sight]
    ) -> str | None:
        for _ in range(ATTEMPTS):
            claim = unambiguous(whole, known)
            how, printer_id = match(claim, known)
            if how is Match.UNSURE:
                return None
            reason = _doubt(claim, reading, printer_id, known, sights)
            if reason is not None and printer_id is not None:
                telling_apart.tell_apart(
                    claim, sights[printer_id], printer_id, reason, known, self.caller, self.documents, self.now
                )
                writes = None
            else:
                writes = self._writes(how, printer_id, claim, reading, known, is_shared=claim != whole)
            if writes is not None and (not writes or self.documents.commit(writes)):
                for item in writes:
                    if item["sk"] == "IDENT":
                        known[IdentityKey(item["key"])] = item | {"version": item.get("version", 0) + 1}
                return printer_id or str(writes[0]["printer_id"])
            known.clear()
            known |= self._known(whole.keys)
        raise Unavailable("printer_busy", "A printer is being registered by another upload; try again.")

    def _writes(
        self,
        how: Match,
        printer_id: str | None,
        claim: Claim,
        reading: PrinterReading,
        known: Known,
        *,
        is_shared: bool,
    ) -> list[Item]:
        """The items that make the match lasting: the printer's own first."""
        if printer_id is None:
            return self._registration(claim, reading, known, is_shared=is_shared)
        writes = identified(self.caller, printer_id, claim, known, self.now)
        if how is Match.ADOPTED:
            meta = {"printer_id": printer_id, **self._tenancy()}
            fact, by = reading.reading_id, {"agent_id": self.caller.agent_id}
            writes.append(entry(meta, Happening.IDENTIFIED, self.now, fact, **by, key=claim.lasting[0].text))
        return writes + wanted_merger(claim, known, self.caller, self.now)

    def _registration(self, claim: Claim, reading: PrinterReading, known: Known, *, is_shared: bool) -> list[Item]:
        printer_id = new_id("prn")
        pk, sk = keys.agent_printer(self.caller.agent_id, printer_id)
        link = {"pk": pk, "sk": sk, "printer_id": printer_id, **self._tenancy()}
        meta = new_meta(printer_id, claim, reading, self.caller, self.agent_version)
        conflicts: list[Item] = []
        if is_shared:
            meta["serial_number"] = reading.identity.serial_number
            meta, conflicts = conflict(meta, {"kind": ConflictKind.DUPLICATE_SERIAL.value}, self.now)
        elif self._is_elsewhere(claim):
            meta, conflicts = conflict(meta, {"kind": ConflictKind.OTHER_ORGANIZATION.value}, self.now)
        fact, by = reading.reading_id, {"agent_id": self.caller.agent_id}
        story = entry(meta, Happening.DISCOVERED, self.now, fact, **by, site_id=self.caller.site_id)
        identities = identified(self.caller, printer_id, claim, known, self.now)
        return [meta, link, *identities, self._told(meta), story, *conflicts, *asked(meta)[0]]

    def _is_elsewhere(self, claim: Claim) -> bool:
        caller = self.caller
        return telling_apart.is_elsewhere(claim.serial, caller.tenant_id, caller.organization_id, self.documents)

    def _told(self, meta: Item) -> Item:
        return outbox.told(
            EventName.PRINTER_DISCOVERED,
            meta,
            subject_id=meta["printer_id"],
            fact="discovered",
            at=self.now,
            data={name: meta.get(name) for name in (*IDENTITY_EVENT_FIELDS, "registration")},
        )

    def _known(self, wanted: Sequence[IdentityKey]) -> Known:
        return loaded_identities(self.documents, self.caller, wanted)

    def _tenancy(self) -> Item:
        return {
            "tenant_id": self.caller.tenant_id,
            "organization_id": self.caller.organization_id,
            "organization_path": self.caller.organization_path,
        }


def _doubt(
    claim: Claim, reading: PrinterReading, printer_id: str | None, known: Known, sights: Mapping[str, Sight]
) -> Doubt | None:
    """Why the reading is not of the printer that its serial number names; None without one, or when people said so."""
    before = sights.get(printer_id or "") if claim.serial is not None else None
    if before is None or any(known.get(key, {}).get("joined") for key in claim.keys):
        return None
    return doubt(before, Sight.of(reading))
