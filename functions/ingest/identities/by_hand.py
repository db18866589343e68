"""Printers that are registered by hand, because no agent reads them: behind USB, or in a network without an agent.

Such a printer has no agent and no state; what it counts is read by hand. It is known by manufacturer and serial number
as every other, so the first agent of its organisation that reads it finds it, and it is that agent's from then on.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, StringConstraints

from functions.ingest.identities.items import Known, identified, identities_of, loaded_identities
from functions.ingest.identities.life_story import Happening, entry
from functions.ingest.identities.printer_meta import TOGETHER
from functions.ingest.identities.questions import ConflictKind, asked
from functions.ingest.identities.retirement import is_retired, refuse_retired
from functions.ingest.identities.stays import at_site
from functions.ingest.identities.telling_apart import is_elsewhere, questioned
from functions.ingest.table import keys, outbox, pages_order, supply_order
from functions.ingest.table.identity import Claim, claim_of
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from shared.attributes import PACKED
from shared.clock import key_time
from shared.directory import keys as directory
from shared.directory.views import Registration, SiteView
from shared.errors import Conflict, FieldError, Invalid
from shared.etag import changed_meanwhile, require_match
from shared.events import EventName
from shared.http import ApiModel
from shared.ids import EntityId, new_id
from shared.table import Item
from shared.wire.reading import Identity

Word = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=255)]
WRITTEN: Final = ("manufacturer", "model", "serial_number", "location", "asset_tag")
"""What people write of a printer, beside where it is."""
_NAMED: Final = ("manufacturer", "model", "serial_number")
_MANUFACTURER: Final = "As the printer says it (`HP`, `Lexmark`): an agent that reads it later then finds it"


class NewPrinter(ApiModel):
    """A printer that no agent reads."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "site_id": "site_01jd2x8k3v9m4t7r5c2b6n0q1w",
                    "manufacturer": "Brother",
                    "model": "HL-L2350DW",
                    "serial_number": "E78283K2N123456",
                    "location": "Reception, behind USB",
                }
            ]
        }
    )

    site_id: EntityId
    manufacturer: Word = Field(description=_MANUFACTURER)
    model: Word
    serial_number: Word
    location: Note | None = None
    asset_tag: Note | None = None


class PrinterCorrection(ApiModel):
    """What is written anew of a printer that no agent reads; what is left out stays, null takes a note away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"location": "First floor"}]})

    site_id: EntityId | None = None
    site_since: date | None = Field(
        default=None, description="The first day at that site; today if left out, earlier where it was mistyped"
    )
    manufacturer: Word | None = Field(default=None, description=_MANUFACTURER)
    model: Word | None = None
    serial_number: Word | None = None
    location: Note | None = None
    asset_tag: Note | None = None


def register(documents: Documents, site: SiteView, wanted: NewPrinter, *, key_id: str, now: datetime) -> Item:
    """Keep a new printer at a site, without an agent; its item. One transaction.

    Safe to repeat under an Idempotency-Key; without one, the serial number is there already the second time. That
    another organisation has it too is a question to people, as it is when an agent reads it.

    Raises:
        Invalid: ``serial_number_not_reliable``: a placeholder names no printer.
        Conflict: ``printer_exists``: the organisation has the printer; its id is told.
    """
    claim = _claim(dict(wanted))
    printer_id = new_id("prn")
    pk, sk = keys.meta(site.tenant_id, printer_id)
    written = {name: value for name in WRITTEN if (value := getattr(wanted, name)) is not None}
    tenancy = {name: getattr(site, name) for name in ("tenant_id", "organization_id", "organization_path", "site_id")}
    meta: Item = {"printer_id": printer_id, **tenancy, **written, "first_seen_at": key_time(now)}
    order = directory.printer_order(site.organization_path, printer_id)
    index = {"gsi1pk": directory.printers_of_tenant(site.tenant_id), "gsi1sk": order}
    meta |= {"pk": pk, "sk": sk, **index, "registration": Registration.REGISTERED.value, PACKED: TOGETHER}
    meta |= pages_order.place(meta) | supply_order.place(meta, None)
    questions: list[Item] = []
    if is_elsewhere(claim.serial, site.tenant_id, site.organization_id, documents):
        # Who registers it reads that in the answer; the event of such a question names an agent.
        meta, story = questioned(meta, {"kind": ConflictKind.OTHER_ORGANIZATION.value}, now, key_id=key_id)
        questions = [story, *asked(meta)[0]]
    event = outbox.told(
        EventName.PRINTER_REGISTERED,
        meta,
        subject_id=printer_id,
        fact="registered",
        at=now,
        data={name: meta.get(name) for name in ("site_id", *_NAMED)},
    )
    told = [entry(meta, Happening.REGISTERED, now, printer_id, key_id=key_id, site_id=site.site_id), event]
    known = _known(documents, site, claim)
    if not documents.commit([meta, *identified(site, printer_id, claim, known, now), *told, *questions]):
        raise _busy()
    return meta | {"version": 1}


def correct(  # noqa: PLR0913 - who, what, over what, and by whom
    documents: Documents,
    meta: Item,
    site: SiteView,
    wanted: PrinterCorrection,
    *,
    if_match: str | None,
    key_id: str,
    now: datetime,
) -> Item:
    """Write anew what people wrote of a printer that no agent has read; its item. One transaction.

    ``site`` is the one that the printer is at from now on. Safe to repeat: only over the version that ``if_match``
    names; what changes nothing writes nothing.

    Raises:
        PreconditionRequired: Without ``if_match``.
        PreconditionFailed: It was changed since that version.
        Conflict: ``printer_read_by_agent``: what the printer says of itself counts; ``printer_retired``; as `register`.
        Invalid: As `register`; or the site is another organisation's.
    """
    refuse_retired(meta)
    if "agent_id" in meta:
        raise Conflict("printer_read_by_agent", "An agent reads this printer: what it says of itself counts.")
    require_match(if_match, int(meta["version"]))
    if site.organization_id != meta["organization_id"]:
        error = FieldError("/site_id", "Name a site of the printer's organisation.")
        raise Invalid("site_elsewhere", "A printer stays with its organisation; register it anew there.", (error,))
    said = {name: getattr(wanted, name) for name in WRITTEN if name in wanted.model_fields_set}
    if missing := sorted(name for name in _NAMED if name in said and said[name] is None):
        errors = tuple(FieldError(f"/{name}", "Leave it out, or say what it is.") for name in missing)
        raise Invalid("name_missing", "A printer is known by these; they cannot be taken away.", errors)
    kept = {name: value for name, value in meta.items() if name not in said}
    after = at_site(kept, site.site_id, _since(wanted, now))
    after |= {name: value for name, value in said.items() if value is not None}
    if after == meta:
        return meta
    before, claim = _claim(meta), _claim(after)
    writes, gone = [after], list[Key]()
    if claim.serial != before.serial:
        old = identities_of(documents, meta)
        known = _known(documents, site, claim)
        writes += identified(site, meta["printer_id"], claim, known, now)
        gone = [keys.key_of(item) for item in old]
        gone += [keys.identity_of(meta["tenant_id"], meta["printer_id"], item["key"]) for item in old]
        gone += [keys.serial_number(site, before.serial)] if before.serial else []
    changed = sorted(name for name in {*said, "site_id"} if meta.get(name) != after.get(name))
    fields = [{"name": name, "before": meta.get(name), "after": after.get(name)} for name in changed]
    fact = str(meta["version"])
    writes.append(entry(after, Happening.CORRECTED, now, fact, key_id=key_id, fields=fields))
    if not documents.commit(writes, gone=gone):
        raise changed_meanwhile()
    return after | {"version": int(meta["version"]) + 1}


def _since(wanted: PrinterCorrection, now: datetime) -> date:
    """The first day at the site; it may be tomorrow by our clock where it is today at the site."""
    since, today = wanted.site_since or now.date(), now.date()
    if since > today + timedelta(days=1):
        error = FieldError("/site_since", "A day up to today.")
        raise Invalid("invalid_day", "Nobody knows yet where the printer will be.", (error,))
    return since


def _claim(said: Mapping[str, Any]) -> Claim:
    """What a printer is known by.

    Raises:
        Invalid: By nothing: the serial number is a placeholder.
    """
    identity = Identity(**{name: said.get(name) for name in _NAMED})
    claim = claim_of(identity, "", None)
    if claim.serial is None:
        error = FieldError("/serial_number", "Write the printer's own, as it stands on its plate.")
        raise Invalid("serial_number_not_reliable", "This serial number may be on any printer.", (error,))
    return claim


def _known(documents: Documents, site: SiteView, claim: Claim) -> Known:
    """Nothing: the identity items that the organisation has already are a printer's.

    Raises:
        Conflict: ``printer_exists``.
    """
    known = loaded_identities(documents, site, claim.lasting)
    if known:
        (found, *_) = known.values()
        key = keys.meta(site.tenant_id, found["printer_id"])
        detail = f"The organisation has a printer of this manufacturer and serial number: '{found['printer_id']}'."
        fix = " It is retired: take that back." if is_retired(documents.load([key]).get(key, {})) else ""
        raise Conflict("printer_exists", detail + fix)
    return known


def _busy() -> Conflict:
    return Conflict("printer_exists", "The printer was registered at this moment; look for it by its serial number.")
