"""The deployed template with two tenants of the same shape, and doors to knock on as anybody."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, TypeVar

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from local.stack import LocalStack
from shared.names import PARTNER_SCOPES
from shared.wire.reading import Alert, PrinterReading
from tests.support.api_events import AGENT
from tests.support.deployed_bodies import contact_body, site_body
from tests.support.deployed_meters import meter_entries
from tests.support.deployed_printers import printers_with_a_past
from tests.support.deployed_webhook import parked_webhook
from tests.support.ingest import activation, packed, private_key, reading, supply, token, upload_body

Json = dict[str, Any]
PROBLEM_JSON: Final = "application/problem+json"
MODEL: Final = ("HP", "HP LaserJet M507")
_WAIT_SECONDS: Final = 40.0
_Found = TypeVar("_Found")


class Door:
    """One API as somebody with these headers sees it."""

    def __init__(self, base_url: str, tls: ssl.SSLContext, **headers: str) -> None:
        self._http = httpx.Client(base_url=base_url, verify=tls, timeout=30, trust_env=False, headers=headers)
        self._base_url, self._tls = base_url, tls

    def ask(self, method: str, path: str, body: object = None, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's
        """Any request; ``body`` goes as JSON."""
        return self._http.request(method, path, json=body, **options)

    def made(self, path: str, body: Json, method: str = "POST") -> Json:
        """What a request that must succeed is answered with."""
        response = self.ask(method, path, body)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        answer: Json = response.json()
        return answer

    def got(self, path: str, **query: str) -> Json:
        """What is there."""
        response = self.ask("GET", path, params=query)
        assert response.is_success, f"GET {path}: {response.status_code} {response.text}"
        answer: Json = response.json()
        return answer

    def header(self, name: str) -> str:
        """What this door sends as a header with every request."""
        return self._http.headers[name]

    def as_(self, **headers: str) -> "Door":
        """The same API with other headers instead."""
        return Door(self._base_url, self._tls, **headers)


class ApiAgent:
    """An agent by its requests: one key, one boot."""

    def __init__(self, door: Door, key: ec.EllipticCurvePrivateKey, agent_id: str = AGENT) -> None:
        self.door, self.key, self.agent_id = door, key, agent_id

    @classmethod
    def activated(cls, door: Door, code: str) -> "ApiAgent":
        """A new agent by a code that must be good."""
        key = private_key()
        return cls(door, key, door.made("/v1/activations", activation_body(key, code))["agent_id"])

    def token(self, **claims: Any) -> str:  # noqa: ANN401 - any claim
        """A bearer token of now; each claim may be another."""
        seconds = int(datetime.now(UTC).timestamp())
        return token(self.key, self.agent_id, **({"iat": seconds, "exp": seconds + 600} | claims))

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's
        """A request with a good token, unless ``headers`` bring another."""
        headers = {"authorization": f"Bearer {self.token()}"} | options.pop("headers", {})
        return self.door.ask(method, path, headers=headers, **options)

    def post(self, content: bytes, **headers: str) -> httpx.Response:
        """An upload of any bytes, said to be packed JSON unless told otherwise."""
        given = {"content-type": "application/gzip"} | headers
        return self.ask("POST", "/v1/uploads", content=content, headers=given)

    def send(self, *readings: PrinterReading, seq: int, boot_id: str = "b1") -> Json:
        """An upload that must be taken."""
        now = datetime.now(UTC)
        response = self.post(packed(upload_body(*readings, seq=seq, boot_id=boot_id, sent_at=now)))
        assert response.is_success, f"{response.status_code} {response.text}"
        receipt: Json = response.json()
        return receipt


@dataclass(slots=True)
class Tenant:
    """A partner with one of everything below it. ``ids`` has an id of each kind by its name in the API."""

    name: str
    door: Door
    agent: ApiAgent
    code: str
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """The stack, its operator, doors for nobody, and two tenants of the same shape."""

    stack: LocalStack
    operator: Door
    partner_api: Door
    agent_api: Door
    tenants: tuple[Tenant, Tenant]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One stack for all tests of a session; each test makes what it changes."""
    with LocalStack(tmp_path_factory.mktemp("two-tenants")) as stack:
        yield furnish(stack)


def furnish(stack: LocalStack) -> World:
    """Two tenants in a stack that was just deployed."""
    tls = ssl.create_default_context(cafile=str(Path(stack.ca_file)))
    partner_api, agent_api = Door(stack.api_url("Partner"), tls), Door(stack.api_url("Agent"), tls)
    first = stack.invoke("BootstrapFunctionName", {"organization_name": "Operator"})
    operator = partner_api.as_(**{"x-api-key": first["api_key"]})
    manufacturer, model = MODEL
    operator.made(
        "/v1/programme-models",
        {"manufacturer": manufacturer, "model": model, "max_lifetime_count": 900_000},
        method="PUT",
    )
    one, other = (open_tenant(operator, agent_api, name) for name in ("Northwind", "Fabrikam"))
    for tenant in (one, other):
        await_consequences(tenant)
    return World(stack, operator, partner_api, agent_api, (one, other))


def open_tenant(operator: Door, agent_api: Door, name: str) -> Tenant:
    """A partner, its customer, and all that leads to an order and a service call of the customer's printer."""
    root = operator.made("/v1/organizations", {"name": name})["organization_id"]
    wanted = {"organization_id": root, "name": "all", "scopes": list(PARTNER_SCOPES)}
    key = operator.made("/v1/api-keys", wanted)
    door = operator.as_(**{"x-api-key": key["api_key"]})
    customer = door.made("/v1/organizations", {"name": f"{name} customer", "parent_id": root})["organization_id"]
    site = door.made("/v1/sites", site_body(customer))["site_id"]
    contact = door.made("/v1/contacts", contact_body(customer))["contact_id"]
    fulfilment = {"organization_id": root, "name": "Shipper", "url": "https://shipper.invalid"}
    shipper = door.made("/v1/fulfilment-partners", fulfilment)["fulfilment_partner_id"]
    code = door.made("/v1/activation-codes", wanted_code(site))["code"]
    agent = ApiAgent.activated(agent_api, code)
    readings = seen(reading("first", serial_number=f"{name}-1", mac_address=None))
    printer = agent.send(readings, seq=1)["outcomes"][0]["printer_id"]
    ids = {
        "root": root,
        "organization_id": customer,
        "site_id": site,
        "contact_id": contact,
        "fulfilment_partner_id": shipper,
        "key_id": key["key_id"],
        "agent_id": agent.agent_id,
        "printer_id": printer,
        "place_id": printer,
    }
    ids["view_id"] = door.made("/v1/printer-views", {"name": "Everything"})["view_id"]
    other = ApiAgent.activated(agent_api, door.made("/v1/activation-codes", wanted_code(site))["code"])
    ids |= printers_with_a_past(door, agent, other, name)
    ids |= {"import_id": _import(door, customer), **parked_webhook(door, customer, eventually)}
    ids |= meter_entries(door.made, printer)
    ids["enrolment_id"] = _enrol(operator, door, ids)
    return Tenant(name, door, agent, code, ids)


def _import(door: Door, organization_id: str) -> str:
    """The sample file's contacts, all there."""
    query, headers = {"organization_id": organization_id}, {"content-type": "text/csv"}
    sample = door.ask("GET", "/v1/contact-import-template").content
    begun = door.ask("POST", "/v1/contact-imports", params=query, content=sample, headers=headers)
    assert begun.status_code == 202, begun.text
    path = begun.headers["location"]
    eventually(lambda: door.got(path)["state"] == "completed", "the import")
    return str(begun.json()["import_id"])


def _enrol(operator: Door, door: Door, ids: dict[str, str]) -> str:
    customer, printer = ids["organization_id"], ids["printer_id"]
    door.made(f"/v1/contact-assignments/{printer}", {"contact_id": ids["contact_id"]}, method="PUT")
    operator.made("/v1/entitlements", {"organization_id": ids["root"]})
    door.made("/v1/entitlements", {"organization_id": customer})
    version = door.got("/v1/terms")["version"]
    door.made("/v1/terms-acceptances", {"organization_id": customer, "terms_version": version})
    wanted = {"organization_id": customer, "printer_ids": [printer], "terms_version": version}
    return str(door.made("/v1/enrolments", wanted)["enrolment_id"])


def await_consequences(tenant: Tenant) -> None:
    """Once the printer is managed its toner ends and its fuser fails: an order and a service call appear."""
    door, ids = tenant.door, tenant.ids
    enrolment = f"/v1/enrolments/{ids['enrolment_id']}"
    eventually(lambda: door.got(enrolment)["state"] == "completed", f"{tenant.name}'s enrolment")
    fuser = Alert(index="1.9", severity="critical", training_level="fieldService", group="marker", code=1004)
    worse = reading("second", serial_number=f"{tenant.name}-1", mac_address=None, supplies=[supply(2)], alerts=[fuser])
    tenant.agent.send(seen(worse), seq=2)
    order = eventually(lambda: door.got("/v1/orders")["items"], f"{tenant.name}'s order")[0]
    # The alert's delay is over by now, and a reading is looked at sooner than the sweep comes round.
    tenant.agent.send(seen(worse.model_copy(update={"reading_id": "third"})), seq=3)
    call = eventually(lambda: door.got("/v1/service-calls")["items"], f"{tenant.name}'s service call")[0]
    ids |= {"order_id": order["order_id"], "call_id": call["call_id"]}


def another_agent(tenant: Tenant) -> ApiAgent:
    """A second agent of the tenant, so that what it sends changes no printer of another test."""
    code = tenant.door.made("/v1/activation-codes", wanted_code(tenant.ids["site_id"]))["code"]
    return ApiAgent.activated(tenant.agent.door, code)


def wanted_code(site_id: str) -> Json:
    """An activation code's body."""
    return {"site_id": site_id, "discovery": {"include": ["192.0.2.0/24"]}}


def fresh(
    reading_id: str,
    serial_number: str,
    *,
    ago: timedelta = timedelta(seconds=1),
    **fields: Any,  # noqa: ANN401 - any field of a reading
) -> PrinterReading:
    """A reading, taken a moment ago, of a printer of its own."""
    given = reading(reading_id, serial_number=serial_number, mac_address=None, address=None, **fields)
    return seen(given, ago=ago)


def seen(reading: PrinterReading, *, ago: timedelta = timedelta(seconds=1)) -> PrinterReading:
    """The reading as taken a moment ago."""
    return reading.model_copy(update={"taken_at": datetime.now(UTC) - ago})


def eventually(look: Callable[[], _Found], what: str) -> _Found:
    """What ``look`` finds, once it finds something."""
    deadline = monotonic() + _WAIT_SECONDS
    while monotonic() < deadline:
        if found := look():
            return found
        sleep(0.2)
    raise AssertionError(f"{what} did not come within {_WAIT_SECONDS} s")


def activation_body(key: ec.EllipticCurvePrivateKey, code: str, **changes: Any) -> Json:  # noqa: ANN401 - any field
    """An activation signed now."""
    return activation(key, code, now=datetime.now(UTC)).model_dump(mode="json") | changes


def problem_of(response: httpx.Response) -> Json:
    """The problem document of a refusal, whole (RFC 9457), with nothing of our inside in it."""
    assert 400 <= response.status_code < 500, f"{response.status_code} {response.text[:500]}"
    assert response.headers["content-type"] == PROBLEM_JSON, response.text[:500]
    problem: Json = response.json()
    assert problem["status"] == response.status_code
    assert problem["title"]
    assert problem["detail"]
    assert problem["type"] == f"urn:platen:problem:{problem['code']}"
    for inside in ("Traceback", "boto", "pydantic", "TENANT#", "/var/task", ".py"):
        assert inside not in response.text, response.text[:500]
    return problem
