"""What is sent to a running stack to make sites and contacts."""

from typing import Any, Final

ADDRESS: Final = {
    "address1": "200 Park Avenue",
    "city": "New York",
    "state": "NY",
    "postal_code": "10166",
    "country": "US",
}


def site_body(organization_id: str) -> dict[str, Any]:
    """A site of New York."""
    return {
        "organization_id": organization_id,
        "name": "Head office",
        "address": ADDRESS,
        "time_zone": "America/New_York",
    }


def contact_body(organization_id: str) -> dict[str, Any]:
    """A contact reachable by e-mail."""
    return {
        "organization_id": organization_id,
        "first_name": "Ada",
        "last_name": "Example",
        "email": "ada@example.com",
        "address": ADDRESS,
    }
