"""Builders and the in-memory store of the ingest tests."""

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from functions.ingest.credentials.thumbprints import key_id
from functions.ingest.table.keys import Key
from functions.ingest.uploads.taken import Sender
from shared.directory.day import seen_day
from shared.directory.keys import PRINTER_WEEK_PREFIX
from shared.directory.week import days_of
from shared.names import AGENT_AUDIENCE, DUE_INDEX, GSI1, PAGES_INDEX
from shared.table import Item, Page, from_attributes, to_attributes
from shared.wire.activation import PROOF_AUDIENCE, ActivationRequest, PublicJwk
from shared.wire.codes import code_digest, normalise_code
from shared.wire.reading import Counter, Identity, PrinterReading, Supply
from shared.wire.upload import Upload, reading_body
from tests.support.api_events import AGENT, CHILD_ORGANIZATION, SITE, agent_caller

NOW: Final = datetime(2026, 11, 22, 18, 20, 21, tzinfo=UTC)
BERLIN: Final = ZoneInfo("Europe/Berlin")


_KEYS_OF: Final = {
    None: ("pk", "sk"),
    GSI1: ("gsi1pk", "gsi1sk"),
    DUE_INDEX: ("duepk", "duesk"),
    PAGES_INDEX: ("pagespk", "pagessk"),
}


class FakeDocuments:
    """`functions.ingest.table.ports.Documents` in a dictionary; items pass through DynamoDB's types both ways."""

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}
        self.writes = 0
        self.fail_after: int | None = None

    def load(self, keys: Sequence[Key], *, consistent: bool = True) -> dict[Key, Item]:
        return {key: _copy(self.items[key]) for key in keys if key in self.items}

    def save(self, item: Item) -> bool:
        return self.commit([item])

    def saving(self, item: Item) -> Callable[[], bool]:
        return lambda: self.save(item)

    def commit(
        self,
        items: Sequence[Item],
        *,
        gone: Sequence[Key] = (),
        still: Sequence[Item] = (),
        ended: Sequence[Item] = (),
    ) -> bool:
        self._count()
        if any(self._version(item) != item.get("version", 0) for item in (*items, *still, *ended)):
            return False
        for item in items:
            self.items[item["pk"], item["sk"]] = _copy(item | {"version": item.get("version", 0) + 1})
        for key in (*gone, *((item["pk"], item["sk"]) for item in ended)):
            self.items.pop(key, None)
        return True

    def replace(self, item: Item) -> None:
        self._count()
        self.items[item["pk"], item["sk"]] = _copy(item)

    def remove(self, key: Key) -> None:
        self._count()
        self.items.pop(key, None)

    def count(self, key: Key, expires_at: int) -> int:
        item = self.items.setdefault(key, {"pk": key[0], "sk": key[1], "attempts": 0, "expires_at": expires_at})
        item["attempts"] += 1
        return int(item["attempts"])

    def page(
        self,
        pk: str,
        *,
        sk_prefix: str = "",
        sk_between: tuple[str, str] | None = None,
        index: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        newest_first: bool = False,
        consistent: bool = False,
    ) -> Page:
        pk_name, sk_name = _KEYS_OF[index]
        found = [item for item in self.items.values() if item.get(pk_name) == pk]
        found = [item for item in found if item[sk_name].startswith(sk_prefix)]
        if sk_between:
            found = [item for item in found if sk_between[0] <= item[sk_name] <= sk_between[1]]
        found = sorted(found, key=lambda item: str(item[sk_name]), reverse=newest_first)
        if cursor:
            found = [item for item in found if (item[sk_name] < cursor if newest_first else item[sk_name] > cursor)]
        page = [_copy(item) for item in found[:limit]]
        return Page(page, page[-1][sk_name] if len(found) > limit else None)

    def of_kind(self, sk_prefix: str) -> list[Item]:
        """The items whose sort key begins so, in order of key."""
        return [_copy(item) for key, item in sorted(self.items.items()) if key[1].startswith(sk_prefix)]

    def seen_days(self) -> list[Item]:
        """The days in order of key, as their readers see them."""
        states = {item["pk"]: item for item in self.of_kind("STATE")}
        weeks = self.of_kind(PRINTER_WEEK_PREFIX)
        return [seen_day(day, states.get(week["pk"])) for week in weeks for day in days_of([week])]

    def _version(self, item: Item) -> int:
        return int(self.items.get((item["pk"], item["sk"]), {}).get("version", 0))

    def _count(self) -> None:
        if self.fail_after is not None and self.writes >= self.fail_after:
            raise ConnectionError("the store went away")
        self.writes += 1


def _copy(item: Item) -> Item:
    return from_attributes(to_attributes(item))


def reading(
    reading_id: str = "r1",
    *,
    taken_at: datetime = NOW,
    serial_number: str | None = "PHB1234567",
    manufacturer: str | None = "HP",
    model: str | None = "HP LaserJet M507",
    mac_address: str | None = "00:11:22:33:44:55",
    address: str | None = "192.0.2.7",
    life_count: int | None = 1_000,
    level: int | None = 80,
    **fields: Any,  # noqa: ANN401 - any field of the model
) -> PrinterReading:
    """A reading of one mono laser printer."""
    identity = Identity(manufacturer=manufacturer, model=model, serial_number=serial_number, mac_address=mac_address)
    counters = None if life_count is None else [Counter(name="life_count", value=life_count, unit="impressions")]
    supplies = None if level is None else [supply(level)]
    given = {"counters": counters, "supplies": supplies, "uptime_ticks": 360_000, "alerts": []} | fields
    return PrinterReading(reading_id=reading_id, taken_at=taken_at, address=address, identity=identity, **given)


def supply(level: int, *, index: str = "1.1") -> Supply:
    """A black toner cartridge in percent."""
    state = {"level_state": "percent", "percent": float(level)} if level >= 0 else {"level_state": "unknown"}
    return Supply.model_validate(
        {
            "index": index,
            "supply_class": "supplyThatIsConsumed",
            "supply_type": "tonerCartridge",
            "colorant": "black",
            "supply_unit": "percent",
            "max_capacity": 100,
            "level": level,
            **state,
        }
    )


def upload(*readings: PrinterReading, seq: int = 1, boot_id: str = "b1", sent_at: datetime = NOW) -> Upload:
    """An upload as the cloud parses it."""
    return Upload.model_validate(upload_body(*readings, seq=seq, boot_id=boot_id, sent_at=sent_at))


def upload_body(
    *readings: PrinterReading, seq: int = 1, boot_id: str = "b1", sent_at: datetime = NOW
) -> dict[str, Any]:
    """An upload as the agent sends it, before packing."""
    return {
        "schema_version": 1,
        "boot_id": boot_id,
        "seq": seq,
        "sent_at": sent_at.isoformat(),
        "agent_version": "0.1.0",
        "readings": [reading_body(each) for each in readings],
    }


def packed(body: object) -> bytes:
    """JSON, gzip."""
    return gzip.compress(json.dumps(body).encode(), mtime=0)


def sender(
    *,
    now: datetime = NOW,
    agent_id: str = AGENT,
    zone: ZoneInfo = BERLIN,
    site_id: str = SITE,
    organization_id: str = CHILD_ORGANIZATION,
) -> Sender:
    """An agent at a site of the child organisation, or of another one."""
    caller = agent_caller(agent_id, organization_id=organization_id)
    return Sender(replace(caller, site_id=site_id), "0.1.0", zone, now)


def private_key() -> ec.EllipticCurvePrivateKey:
    """A new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def jwk_of(key: ec.EllipticCurvePrivateKey, *, kid: str | None = None) -> PublicJwk:
    """The public half as the agent sends it."""
    members = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    bare = PublicJwk(kty="EC", crv="P-256", x=members["x"], y=members["y"], kid="none")
    return bare.model_copy(update={"kid": kid or key_id(bare)})


def token(key: ec.EllipticCurvePrivateKey, agent_id: str = AGENT, **changes: Any) -> str:  # noqa: ANN401 - any claim
    """A bearer token as the agent signs it; None as a claim leaves it out."""
    seconds = int(NOW.timestamp())
    claims = {"iss": agent_id, "sub": agent_id, "aud": AGENT_AUDIENCE, "iat": seconds, "exp": seconds + 3_600}
    given = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(given, key, algorithm="ES256", headers={"kid": jwk_of(key).kid})


def activation(
    key: ec.EllipticCurvePrivateKey,
    code: str,
    *,
    now: datetime = NOW,
    kid: str | None = None,
    **claims: Any,  # noqa: ANN401 - any claim
) -> ActivationRequest:
    """An activation as the agent sends it."""
    seconds = int(now.timestamp())
    digest = code_digest(normalise_code(code) or "") if normalise_code(code) else sha256(b"").hexdigest()
    proof = {"aud": PROOF_AUDIENCE, "iat": seconds, "exp": seconds + 300, "code_sha256": digest} | claims
    return ActivationRequest(
        code=code,
        jwk=jwk_of(key, kid=kid),
        proof=jwt.encode(proof, key, algorithm="ES256", headers={"kid": jwk_of(key).kid}),
        agent_version="0.1.0",
        host_name="print-server",
    )


def minutes(count: float) -> timedelta:
    """A span of minutes."""
    return timedelta(minutes=count)
