"""Steps 1 and 2: what a partner makes before the first printer is read."""

from typing import Any

from local.demo.agent_process import AgentProcess
from local.demo.progress import expect
from local.demo.world import World
from local.partner_callbacks import Platform
from local.partner_client import PartnerClient
from shared.names import PARTNER_SCOPES

ADDRESS = {"address1": "200 Park Avenue", "city": "New York", "state": "NY", "postal_code": "10166", "country": "US"}


def open_accounts(world: World) -> None:
    """The operator's first key, a partner, its customer, a site, keys and a fulfilment partner."""
    first = world.stack.invoke("BootstrapFunctionName", {"organization_name": "Platen operator"})
    world.operator = operator = world.client(first["api_key"])
    partner = operator.post("/v1/organizations", {"name": "Northwind Office Systems"})
    key = operator.post(
        "/v1/api-keys",
        {
            "organization_id": partner["organization_id"],
            "name": "Northwind back office",
            "scopes": list(PARTNER_SCOPES),
        },
    )
    world.dealer = dealer = world.client(key["api_key"])
    customer = dealer.post("/v1/organizations", {"name": "Contoso Legal", "parent_id": partner["organization_id"]})
    site = dealer.post(
        "/v1/sites",
        {
            "organization_id": customer["organization_id"],
            "name": "Contoso head office",
            "address": ADDRESS,
            "time_zone": "America/New_York",
        },
    )
    world.ids |= {
        "partner": partner["organization_id"],
        "customer": customer["organization_id"],
        "site": site["site_id"],
    }
    _refuse_strangers(world, dealer)
    _join_fulfilment(world, dealer)
    world.progress.say(f"partner {partner['name']}, customer {customer['name']}, site {site['name']}, key, fulfilment")


def make_contact(world: World) -> None:
    """The supplies delivery contact of the customer."""
    contact = world.dealer.post(
        "/v1/contacts",
        {
            "organization_id": world.ids["customer"],
            "first_name": "Ada",
            "last_name": "Example",
            "email": "ada@example.com",
            "phone_country_code": "1",
            "phone": "2125550100",
            "company": "Contoso Legal",
            "address": ADDRESS,
        },
    )
    world.ids["contact"] = contact["contact_id"]


def activate_agent(world: World) -> None:
    """An activation code, and the agent that turns it into an identity of its own."""
    code: dict[str, Any] = world.dealer.post(
        "/v1/activation-codes",
        {
            "site_id": world.ids["site"],
            "name": "Contoso server room",
            "discovery": {"include": world.fleet.discovery_criteria(), "exclude": []},
            "poll_interval_seconds": 1,
            "discovery_interval_seconds": 60,
            "heartbeat_interval_seconds": 3600,
            "config_interval_seconds": 30,
        },
    )
    world.agent = agent = AgentProcess(
        world.work_dir / "agent",
        server=world.stack.api_url("Agent"),
        ca_file=world.stack.ca_file,
        clock=world.clock.agent_setting(),
    )
    world.ending.callback(agent.stop)
    identity = agent.activate(code["code"])
    world.ids["agent"] = identity["agent_id"]
    world.progress.say(f"agent {identity['agent_id']} activated with its own key")


def _refuse_strangers(world: World, dealer: PartnerClient) -> None:
    """Without a key nothing is answered, and the answer is a problem document."""
    status, problem = dealer.status_of("GET", "/v1/organizations", **{"x-api-key": "plt_live_stranger"})
    expect(status == 401 and problem.get("status") == 401, f"a stranger's key was answered {status}: {problem}")  # noqa: PLR2004 - HTTP
    world.progress.say("a stranger's key is refused with a 401 problem")


def _join_fulfilment(world: World, dealer: PartnerClient) -> None:
    """The fulfilment partner: where orders go, its signing secret, and its key to call back with."""
    fulfilment = dealer.post(
        "/v1/fulfilment-partners",
        {"organization_id": world.ids["partner"], "name": "Demo Distribution", "url": world.fulfilment.url},
    )
    key = dealer.post("/v1/api-keys", {"name": "Demo Distribution callbacks", "scopes": ["fulfilment:write"]})
    platform = Platform(world.stack.api_url("Partner"), key["api_key"], world.tls)
    world.fulfilment.connect(secret=fulfilment["signing_secret"], platform=platform)
