"""A body for every operation of the published API that takes one, with ids of the caller's choice."""

from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from tests.support.deployed import Json
from tests.support.deployed_bodies import contact_body, site_body
from tests.support.deployed_meters import documented_break
from tests.support.published import body_schema

WHO: Final = {"decided_by": "x", "reason": "x"}
ADDRESSEE: Final = {name: value for name, value in contact_body("").items() if name != "organization_id"}


def somebody(organization: str) -> Json:
    """A contact that is nobody else's."""
    return contact_body(organization) | {"email": f"{uuid4().hex}@example.com"}


def body_of(method: str, path: str, ids: dict[str, str]) -> Json | None:
    """A body that this operation takes; a new operation with ids in its body needs one here."""
    organization, printer = ids["organization_id"], ids["printer_id"]
    bodies: dict[tuple[str, str], Json] = {
        ("post", "/v1/activation-codes"): {"site_id": ids["site_id"], "discovery": {"include": []}},
        ("post", "/v1/agents/{agent_id}/activation-codes"): {"valid_hours": 1},
        ("patch", "/v1/agents/{agent_id}"): {"name": "Renamed"},
        ("post", "/v1/agents/{agent_id}/suspensions"): {"reason": "x"},
        ("post", "/v1/agents/{agent_id}/transfers"): {
            "to_agent_id": ids["other_agent_id"],
            "printer_ids": [ids["other_printer_id"]],
        },
        ("post", "/v1/printers"): {
            "site_id": ids["site_id"],
            "manufacturer": "Brother",
            "model": "HL-L2350DW",
            "serial_number": uuid4().hex,
        },
        ("patch", "/v1/printers/{printer_id}"): {"location": "x"},
        ("put", "/v1/printers/{printer_id}/retirement"): {"reason": "replaced"},
        ("post", "/v1/printers/{printer_id}/merges"): {"other_printer_id": ids["other_printer_id"]},
        ("post", "/v1/printers/{printer_id}/splits"): {"other_printer_id": ids["other_printer_id"]},
        ("post", "/v1/printers/{printer_id}/site-moves/{question_id}/confirmations"): {
            "delivery_contact_id": ids["contact_id"]
        },
        ("post", "/v1/printers/{printer_id}/identity-conflicts/{question_id}/resolutions"): {"note": "x"},
        ("post", "/v1/api-keys"): {"organization_id": organization, "name": "x", "scopes": ["fleet:read"]},
        ("post", "/v1/api-keys/{key_id}/rotations"): {},
        ("post", "/v1/contact-assignments"): {"contact_id": ids["contact_id"], "printer_ids": [printer]},
        ("put", "/v1/contact-assignments/{printer_id}"): {"contact_id": ids["contact_id"]},
        ("post", "/v1/assigned-contacts"): {"contact": somebody(organization), "printer_ids": [printer]},
        ("post", "/v1/contacts"): contact_body(organization),
        ("put", "/v1/contacts/{contact_id}"): ADDRESSEE,
        ("post", "/v1/contacts/{contact_id}/duplicates"): {"first_name": "Grace"},
        ("post", "/v1/contacts/{contact_id}/reassignments"): {"to_contact_id": ids["contact_id"]},
        ("post", "/v1/eligibility-evaluations"): {"organization_id": organization, "printer_ids": [printer]},
        ("post", "/v1/enrolments"): {
            "organization_id": organization,
            "printer_ids": [printer],
            "terms_version": ids["terms_version"],
        },
        ("post", "/v1/entitlements"): {"organization_id": organization},
        ("post", "/v1/fulfilment-events"): {
            "order_id": ids["order_id"],
            "event_id": "event-1",
            "type": "lost",
            "occurred_at": "2026-11-22T18:20:21Z",
        },
        ("post", "/v1/fulfilment-partners"): {
            "organization_id": organization,
            "name": "x",
            "url": "https://shipper.example.com",
        },
        ("post", "/v1/meters/reads"): {
            "printer_id": printer,
            "taken_at": datetime.now(UTC).isoformat(),
            "counters": {"life_count": 1_000},
            "read_by": "x",
            "reason": "x",
        },
        ("post", "/v1/meters/reads/{read_id}/decisions"): {"printer_id": printer, "accept": True, **WHO},
        ("post", "/v1/meters/breaks"): documented_break(printer),
        ("post", "/v1/meters/breaks/{break_id}/decisions"): {
            "printer_id": printer,
            "cause": "reset",
            "final_value": 1_000,
            "start_value": 1_000,
            **WHO,
        },
        ("post", "/v1/orders/{order_id}/transitions"): {"to": "cancelled", "reason": "x"},
        ("post", "/v1/organizations"): {"name": "x", "parent_id": organization},
        ("patch", "/v1/organizations/{organization_id}"): {"name": "Renamed"},
        ("post", "/v1/printer-tag-changes"): {"printer_ids": [printer], "add": ["mine"]},
        ("post", "/v1/printer-views"): {"organization_id": organization, "name": uuid4().hex},
        ("put", "/v1/printer-views/{view_id}"): {"name": uuid4().hex},
        ("post", "/v1/programme-models"): {"manufacturer": "x", "model": "y", "max_lifetime_count": 1},
        ("put", "/v1/programme-models"): {"manufacturer": "x", "model": "y", "max_lifetime_count": 1},
        ("post", "/v1/service-calls/{call_id}/transitions"): {"to": "triage"},
        ("patch", "/v1/settings/{place_id}"): {"set": [{"name": "order_floor_percent", "value": 6}]},
        ("post", "/v1/settings/{place_id}/resets"): {"names": ["order_floor_percent"]},
        ("post", "/v1/sites"): site_body(organization),
        ("put", "/v1/sites/{site_id}"): {k: v for k, v in site_body(organization).items() if k != "organization_id"},
        ("post", "/v1/webhooks"): {"organization_id": organization, "url": "https://hooks.example.com"},
        ("put", "/v1/webhooks/{webhook_id}"): {"url": "https://hooks.example.com", "event_types": ["SlaBreached"]},
        ("post", "/v1/webhooks/{webhook_id}/secrets"): {"overlap_hours": 0},
        ("post", "/v1/webhooks/{webhook_id}/replays"): {"after_delivery_id": ids["delivery_id"]},
        ("post", "/v1/terms-acceptances"): {"organization_id": organization, "terms_version": ids["terms_version"]},
    }
    assert ((method, path) in bodies) == bool(body_schema(method, path)), f"{method} {path}: give it a body here"
    return bodies.get((method, path))
