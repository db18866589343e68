"""From what readings say of their printers to printer ids, registering printers that are new.

Every write here is a transaction of items that must not exist yet (or, for an adoption, be as they were read), so two
uploads at once end with one printer, and a repeat finds what was written and writes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from functions.ingest import keys, outbox
from functions.ingest.identity import Claim, IdentityKey, Match, claim_of, components, match
from functions.ingest.ports import Documents
from functions.ingest.printer_meta import new_meta
from shared.clock import key_time
from shared.errors import Unavailable
from shared.events import EventName
from shared.ids import new_id
from shared.table import Item
from shared.tenancy import AgentCaller
from shared.wire.reading import PrinterReading

ATTEMPTS: Final = 5
Known = dict[IdentityKey, Item]


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
        found = [self._settled(claim, known) for claim in claims]
        open_positions = [position for position, printer_id in enumerate(found) if printer_id is None]

        def task(positions: list[int]) -> Callable[[], None]:
            def register() -> None:
                mine = {key: known[key] for each in positions for key in claims[each].keys if key in known}
                for position in sorted(positions, key=lambda each: readings[each].taken_at):
                    found[position] = self._printer_id(claims[position], readings[position], mine)

            return register

        groups = components([claims[position] for position in open_positions])
        run_all([task([open_positions[each] for each in group]) for group in groups])
        return found

    def _settled(self, claim: Claim, known: Known) -> str | None:
        """The printer of a claim that teaches nothing new, as nearly all do; else None."""
        how, printer_id = match(claim, known)
        if how is not Match.KNOWN or printer_id is None or self._identities(printer_id, claim, known):
            return None
        return printer_id

    def _printer_id(self, claim: Claim, reading: PrinterReading, known: Known) -> str | None:
        for _ in range(ATTEMPTS):
            how, printer_id = match(claim, known)
            if how is Match.UNSURE:
                return None
            writes = self._writes(how, printer_id, claim, reading, known)
            if not writes or self.documents.commit(writes):
                for item in writes:
                    if item["sk"] == "IDENT":
                        known[IdentityKey(item["key"])] = item | {"version": item.get("version", 0) + 1}
                return printer_id or str(writes[0]["printer_id"])
            known.clear()
            known |= self._known(claim.keys)
        raise Unavailable("printer_busy", "A printer is being registered by another upload; try again.")

    def _writes(
        self, how: Match, printer_id: str | None, claim: Claim, reading: PrinterReading, known: Known
    ) -> list[Item]:
        """The items that make the match lasting: the printer's own first."""
        if printer_id is None:
            printer_id = new_id("prn")
            pk, sk = keys.agent_printer(self.caller.agent_id, printer_id)
            link = {"pk": pk, "sk": sk, "printer_id": printer_id, **self._tenancy()}
            meta = new_meta(printer_id, claim, reading, self.caller, self.agent_version)
            return [meta, link, *self._identities(printer_id, claim, known), self._told(meta)]
        writes = self._identities(printer_id, claim, known)
        if how is Match.ADOPTED:
            writes.append(self._audit(printer_id, reading, claim))
        return writes

    def _told(self, meta: Item) -> Item:
        names = ("site_id", "agent_id", "manufacturer", "model", "serial_number", "registration")
        return outbox.told(
            EventName.PRINTER_DISCOVERED,
            meta,
            subject_id=meta["printer_id"],
            fact="discovered",
            at=self.now,
            data={name: meta.get(name) for name in names},
        )

    def _identities(self, printer_id: str, claim: Claim, known: Known) -> list[Item]:
        """Identity items that are missing, and weaker ones that do not yet name the strongest."""
        strongest, *weaker = claim.lasting
        writes = [] if strongest in known else [self._identity(strongest, printer_id, None)]
        writes += [self._identity(key, printer_id, strongest) for key in weaker if key not in known]
        for key in claim.keys:
            item = known.get(key)
            if key != strongest and item and item["printer_id"] == printer_id and not item.get("better_key"):
                writes.append(item | {"better_key": strongest.text})
        return writes

    def _identity(self, key: IdentityKey, printer_id: str, better: IdentityKey | None) -> Item:
        pk, sk = keys.identity(self.caller, key)
        named = {"better_key": better.text} if better else {}
        return {"pk": pk, "sk": sk, "key": key.text, "printer_id": printer_id, **named, **self._tenancy()}

    def _audit(self, printer_id: str, reading: PrinterReading, claim: Claim) -> Item:
        at = key_time(self.now)
        pk, sk = keys.audit(self.caller.tenant_id, printer_id, at, f"identified#{reading.reading_id}")
        what = {"what": "identified", "key": claim.lasting[0].text, "agent_id": self.caller.agent_id, "at": at}
        return {"pk": pk, "sk": sk, "printer_id": printer_id, **what, **self._tenancy()}

    def _known(self, wanted: Sequence[IdentityKey]) -> Known:
        by_key = {keys.identity(self.caller, key): key for key in wanted}
        return {by_key[key]: item for key, item in self.documents.load(list(by_key)).items()}

    def _tenancy(self) -> Item:
        return {
            "tenant_id": self.caller.tenant_id,
            "organization_id": self.caller.organization_id,
            "organization_path": self.caller.organization_path,
        }
