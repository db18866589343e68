"""Contact files through the deployed template: gateway, queue, worker and tables under their own grants."""

from typing import Any

import pytest

from tests.support.contact_files import contact_file, numbered
from tests.support.deployed import Json, Tenant, World, eventually

pytestmark = [pytest.mark.emulator, pytest.mark.synth]


@pytest.fixture
def tenant(world: World) -> Tenant:
    return world.tenants[0]


def customer(tenant: Tenant, name: str) -> str:
    body = {"name": name, "parent_id": tenant.ids["root"]}
    return str(tenant.door.made("/v1/organizations", body)["organization_id"])


def send(tenant: Tenant, organization_id: str, content: bytes) -> Any:  # noqa: ANN401 - httpx's
    headers, query = {"content-type": "text/csv"}, {"organization_id": organization_id}
    return tenant.door.ask("POST", "/v1/contact-imports", params=query, content=content, headers=headers)


def ended(tenant: Tenant, path: str) -> Json:
    def look() -> Json | None:
        said = tenant.door.got(path)
        return said if said["ended_at"] else None

    said = eventually(look, "the import's end")
    assert said is not None
    return said


def test_a_full_file_is_imported_by_the_queues_worker_and_its_export_is_there_already(tenant: Tenant) -> None:
    organization = customer(tenant, "Imports")
    content = contact_file(numbered(300, first_name="Zoë", notes="=1+1")).encode("utf-8-sig")

    first = ended(tenant, send(tenant, organization, content).headers["location"])
    export = tenant.door.ask("GET", "/v1/contact-exports", params={"organization_id": organization})
    again = ended(tenant, send(tenant, organization, export.content).headers["location"])

    assert (first["state"], first["imported"]) == ("completed", 300)
    assert (again["state"], again["imported"], len(again["already_exist"])) == ("completed", 0, 200)
    assert export.headers["content-type"] == "text/csv; charset=utf-8"
    assert export.content.count(b"'=1+1") == 200


def test_an_import_that_is_canceled_while_it_runs_stops_at_the_row_it_says(tenant: Tenant) -> None:
    organization = customer(tenant, "Cancels")
    path = send(tenant, organization, contact_file(numbered(300)).encode()).headers["location"]
    eventually(lambda: tenant.door.got(path)["rows_done"] > 0, "the first row")

    canceled = tenant.door.made(f"{path}/cancellations", {})

    done = canceled["imported"]
    assert canceled["state"] == "canceled"
    assert 0 < done < 300
    assert canceled["not_imported"] == [{"first_row": done + 1, "last_row": 300, "reason": "Import canceled"}]
    kept = [*pages(tenant, organization)]
    assert [each["last_name"] for each in kept] == [f"N{number}" for number in range(1, done + 1)]
    assert tenant.door.got(path) == canceled


def pages(tenant: Tenant, organization_id: str) -> list[Json]:
    query = {"organization_id": organization_id, "limit": "200"}
    items: list[Json] = []
    while True:
        page = tenant.door.got("/v1/contacts", **query)
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        query["cursor"] = page["next_cursor"]


def test_at_ctc_05_bytes_of_windows_1252_reach_the_function_as_they_are_and_are_refused(tenant: Tenant) -> None:
    organization = tenant.ids["organization_id"]

    refused = send(tenant, organization, contact_file(numbered(1, first_name="Zoë")).encode("cp1252"))
    too_large = send(tenant, organization, b"x" * 262_145)

    assert (refused.status_code, refused.json()["code"]) == (422, "not_utf8")
    assert (too_large.status_code, too_large.json()["code"]) == (413, "contact_file_too_large")


def test_a_contacts_life_needs_no_more_than_the_functions_own_grants(tenant: Tenant) -> None:
    door, organization = tenant.door, customer(tenant, "Life")
    address = {"address1": "Street 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}
    details = {"first_name": "Ada", "last_name": "Life", "email": "life@example.com", "address": address}
    contact = door.made("/v1/contacts", details | {"organization_id": organization})
    path = f"/v1/contacts/{contact['contact_id']}"

    tag = door.ask("GET", path).headers["etag"]
    edited = door.ask("PUT", path, details | {"company": "Contoso Life"}, headers={"if-match": tag})
    stale = door.ask("PUT", path, details, headers={"if-match": tag})
    archived = door.made(f"{path}/archived", {}, method="PUT")
    restored = door.ask("DELETE", f"{path}/archived")
    found = door.got("/v1/contacts", search="LIFE", organization_id=organization)["items"]
    gone = door.ask("DELETE", path)

    assert (edited.status_code, stale.status_code, restored.status_code, gone.status_code) == (200, 412, 200, 204)
    assert archived["archived_at"] is not None
    assert [each["contact_id"] for each in found] == [contact["contact_id"]]
    assert door.got("/v1/contacts", search="LIFE", organization_id=organization)["items"] == []
