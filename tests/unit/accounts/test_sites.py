"""Sites that change: edited by version, closed and opened on single days, deleted when nothing stands there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.accounts.tree.models import Site
from functions.accounts.tree.ports import Written
from functions.accounts.tree.repository import AccountsRepository
from functions.tickets.clocks.calendar import calendar_of
from shared.directory import keys as shared_keys
from shared.directory.reader import AccountsDirectory
from shared.table import Table
from shared.tenancy import Caller
from tests.support.accounts import call, new_site
from tests.support.api_events import body_of, foreign_partner


@pytest.fixture
def site(root: Caller) -> dict[str, Any]:
    made: dict[str, Any] = body_of(call(root, "POST", "/v1/sites", new_site(root.organization_id)))
    return made


def details(**changes: object) -> dict[str, object]:
    body = new_site("") | changes
    del body["organization_id"]
    return body


def edit(caller: Caller, site: dict[str, Any], if_match: str | None = '"1"', **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    headers = {"If-Match": if_match} if if_match else {}
    return call(caller, "PUT", f"/v1/sites/{site['site_id']}", details(**changes), headers=headers)


def test_a_site_is_edited_over_the_version_that_was_seen(root: Caller, site: dict[str, Any]) -> None:
    answer = edit(root, site, name="New hall", closed_days=["2026-12-24"])

    assert answer["statusCode"] == 200
    kept = call(root, "GET", f"/v1/sites/{site['site_id']}")
    assert kept["multiValueHeaders"]["ETag"] == answer["multiValueHeaders"]["ETag"] == ['"2"']
    assert body_of(kept) == site | {"name": "New hall", "closed_days": ["2026-12-24"], "version": 2}
    assert body_of(call(root, "GET", "/v1/sites"))["items"] == [body_of(kept)]


@pytest.mark.parametrize(("if_match", "status"), [(None, 428), ('"2"', 412), ("*", 200)])
def test_an_edit_names_its_version(root: Caller, site: dict[str, Any], if_match: str | None, status: int) -> None:
    assert edit(root, site, if_match)["statusCode"] == status


def test_of_two_edits_of_one_version_one_is_kept(tables: tuple[Table, Table], site: dict[str, Any]) -> None:
    seen, kept = Site.model_validate(site), AccountsRepository(tables[0])
    one, other = (seen.model_copy(update={"name": name, "version": 2}) for name in ("One", "Other"))

    assert kept.replace_site(seen, one) is Written.DONE
    assert kept.replace_site(seen, other) is Written.CHANGED
    assert kept.delete_site(seen) is Written.CHANGED
    assert kept.site(seen.tenant_id, seen.site_id) == one


@pytest.mark.parametrize(
    "change",
    [
        {"closed_days": ["2026-02-30"]},
        {"closed_days": ["24.12.2026"]},
        {"closed_days": ["2026-12-24"] * 201},
        {"extra_windows": [{"day": "2026-11-28", "opens": "13:00", "closes": "09:00"}]},
        {"extra_windows": [{"day": "2026-11-28", "opens": "09:00", "closes": "13:00"}] * 2},
        {
            "closed_days": ["2026-11-28"],
            "extra_windows": [{"day": "2026-11-28", "opens": "09:00", "closes": "13:00"}],
        },
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(
    root: Caller, site: dict[str, Any], change: dict[str, Any]
) -> None:
    assert edit(root, site, **change)["statusCode"] == 422


def test_the_sla_clock_counts_the_exceptions_of_a_site(
    tables: tuple[Table, Table], root: Caller, site: dict[str, Any]
) -> None:
    # Given Monday closed, and Sunday open from nine to eleven
    opened = [{"day": "2026-11-22", "opens": "09:00", "closes": "11:00"}]
    edit(root, site, closed_days=["2026-11-23"], extra_windows=opened)
    calendar = calendar_of(AccountsDirectory(tables[0]).site(root.tenant_id, site["site_id"]))

    # When four hours are promised on Saturday noon, in Berlin
    due = calendar.add(datetime(2026, 11, 21, 11, tzinfo=UTC), timedelta(hours=4))

    # Then two pass on Sunday, none on Monday, two on Tuesday
    assert due == datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_an_extra_window_counts_on_a_public_holiday_and_instead_of_the_week(
    tables: tuple[Table, Table], root: Caller, site: dict[str, Any]
) -> None:
    # Given Christmas Day, a Friday, open for an hour
    edit(root, site, extra_windows=[{"day": "2026-12-25", "opens": "10:00", "closes": "11:00"}])
    calendar = calendar_of(AccountsDirectory(tables[0]).site(root.tenant_id, site["site_id"]))

    day = calendar.between(datetime(2026, 12, 25, tzinfo=UTC), datetime(2026, 12, 26, tzinfo=UTC))

    assert day == timedelta(hours=1)


def test_a_site_is_deleted_when_nothing_stands_there(
    tables: tuple[Table, Table], root: Caller, site: dict[str, Any]
) -> None:
    elsewhere = body_of(call(root, "POST", "/v1/sites", new_site(root.organization_id, name="Elsewhere")))
    for index, kind in ((shared_keys.printers_of_tenant, "prn"), (shared_keys.agents_of_tenant, "agt")):
        key = {"pk": kind, "sk": kind, "gsi1pk": index(root.tenant_id), "gsi1sk": f"{root.organization_path}#{kind}_1"}
        tables[1].put(key | {"site_id": elsewhere["site_id"]})

    refused = call(root, "DELETE", f"/v1/sites/{elsewhere['site_id']}")
    done = call(root, "DELETE", f"/v1/sites/{site['site_id']}")

    assert (refused["statusCode"], body_of(refused)["code"]) == (409, "site_not_empty")
    assert "agents, printers" in body_of(refused)["detail"]
    assert done["statusCode"] == 204
    assert [each["site_id"] for each in body_of(call(root, "GET", "/v1/sites"))["items"]] == [elsewhere["site_id"]]
    assert call(root, "DELETE", f"/v1/sites/{site['site_id']}")["statusCode"] == 404


def test_another_tenants_site_is_neither_edited_nor_deleted(root: Caller, site: dict[str, Any]) -> None:
    path = f"/v1/sites/{site['site_id']}"

    assert edit(foreign_partner(), site)["statusCode"] == 404
    assert call(foreign_partner(), "DELETE", path)["statusCode"] == 404
    assert body_of(call(root, "GET", path)) == site
