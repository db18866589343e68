"""What contexts see of each other, and what a caller may see at all."""

from dataclasses import dataclass

import pytest

from shared.directory.views import Address, ContactView
from shared.errors import NotFound
from shared.names import Scope
from shared.tenancy import Caller
from shared.visibility import Visible, visible_organization, visible_to

ADDRESS = Address(address1="1 Main St", city="New York", postal_code="10001", country="US")


@dataclass(frozen=True)
class Place:
    tenant_id: str
    path: str


KNOWN = {
    ("org_a", "org_a"): Place("org_a", "/org_a/"),
    ("org_a", "org_b"): Place("org_a", "/org_a/org_b/"),
    ("org_x", "org_x"): Place("org_x", "/org_x/"),
}


class Places:
    """Two partners, one of them with a customer."""

    def organization(self, tenant_id: str, organization_id: str) -> Place | None:
        return KNOWN.get((tenant_id, organization_id))


def caller(tenant_id: str, path: str, *scopes: str) -> Caller:
    return Caller(tenant_id, path.strip("/").split("/")[-1], path, "key_1", frozenset(scopes))


@pytest.mark.parametrize(
    ("country_code", "phone", "full"),
    [("1", "2125550100", "+1 2125550100"), (None, "2125550100", "2125550100"), ("49", None, None)],
)
def test_a_phone_number_can_be_dialled_from_anywhere(
    country_code: str | None, phone: str | None, full: str | None
) -> None:
    contact = ContactView(
        tenant_id="org_a",
        organization_id="org_a",
        contact_id="ctc_1",
        first_name="Ada",
        last_name="Example",
        phone_country_code=country_code,
        phone=phone,
        address=ADDRESS,
    )

    assert contact.full_phone == full


def test_a_partner_sees_itself_and_its_customers() -> None:
    partner = caller("org_a", "/org_a/")

    assert visible_organization(Places(), partner, "org_b").path == "/org_a/org_b/"
    assert visible_to(Places(), partner, None) == Visible("org_a", "/org_a/")
    assert visible_to(Places(), partner, "org_b") == Visible("org_a", "/org_a/org_b/")


@pytest.mark.parametrize("organization_id", ["org_a", "org_x", "org_none"])
def test_a_customer_sees_neither_its_partner_nor_another_nor_what_is_not_there(organization_id: str) -> None:
    customer = caller("org_a", "/org_a/org_b/")

    with pytest.raises(NotFound):
        visible_organization(Places(), customer, organization_id)


def test_the_operator_reaches_a_partner_by_its_root_and_no_one_else_does() -> None:
    operator = caller("org_o", "/org_o/", Scope.PLATFORM_ADMIN)

    assert visible_to(Places(), operator, "org_x") == Visible("org_x", "/org_x/")
    with pytest.raises(NotFound):
        visible_to(Places(), operator, "org_b")
    with pytest.raises(NotFound):
        visible_to(Places(), caller("org_a", "/org_a/"), "org_x")


def test_what_is_visible_covers_its_own_tenant_and_path_only() -> None:
    seen = Visible("org_a", "/org_a/org_b/")

    assert seen.covers("org_a", "/org_a/org_b/org_c/")
    assert not seen.covers("org_a", "/org_a/")
    assert not seen.covers("org_x", "/org_a/org_b/")
