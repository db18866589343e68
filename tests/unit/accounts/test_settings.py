"""Settings of organisations, sites, printers and agents through the API (ENT-02)."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.directory import keys
from shared.directory.inherited import DEFINITIONS, RISING, SettingName
from shared.directory.reader import AccountsDirectory
from shared.table import Table
from shared.tenancy import Caller
from tests.support.accounts import accounts_tables, add_organization, add_printer, call, keep_key_of, new_site
from tests.support.api_events import ROOT_ORGANIZATION, body_of, foreign_partner, partner

CUSTOMER = "org_01jd2x00000000000000000002"
DEPARTMENT = "org_01jd2x00000000000000000003"
PRINTER = "prn_01jd2x00000000000000000001"
AGENT = "agt_01jd2x00000000000000000001"
POLL, FLOOR = SettingName.POLL_INTERVAL.value, SettingName.FLOOR_PERCENT.value
HEARTBEAT = SettingName.HEARTBEAT_INTERVAL.value


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Table, Table]]:
    with accounts_tables(monkeypatch) as both:
        accounts, fleet = both
        add_organization(accounts, ROOT_ORGANIZATION)
        add_organization(accounts, CUSTOMER, above=f"/{ROOT_ORGANIZATION}/")
        add_organization(accounts, DEPARTMENT, above=f"/{ROOT_ORGANIZATION}/{CUSTOMER}/")
        add_printer(fleet, PRINTER, CUSTOMER)
        pk, sk = keys.agent(AGENT)
        path = f"/{ROOT_ORGANIZATION}/{CUSTOMER}/"
        placed = {"tenant_id": ROOT_ORGANIZATION, "organization_id": CUSTOMER, "organization_path": path}
        where = {"site_id": "site_01jd2x00000000000000000001", "agent_id": AGENT, "status": "active"}
        fleet.put({"pk": pk, "sk": sk, **placed, **where})
        keep_key_of(partner(), accounts)
        yield both


def url(entity_id: str) -> str:
    return f"/v1/settings/{entity_id}"


def seen(entity_id: str, caller: Caller | None = None) -> dict[str, Any]:
    answer = call(caller or partner(), "GET", url(entity_id))
    assert answer["statusCode"] == 200, answer["body"]
    return {each["name"]: each for each in body_of(answer)["settings"]}


def change(entity_id: str, if_match: str | None = "*", /, **body: object) -> dict[str, Any]:
    headers = {"If-Match": if_match} if if_match else {}
    return call(partner(), "PATCH", url(entity_id), body, headers=headers)


def set_to(entity_id: str, **values: int) -> None:
    wanted = [{"name": name, "value": value} for name, value in values.items()]
    answer = change(entity_id, set=wanted)
    assert answer["statusCode"] == 200, answer["body"]


def test_a_customer_inherits_what_its_dealer_sets_until_it_has_its_own(tables: tuple[Table, Table]) -> None:
    set_to(ROOT_ORGANIZATION, **{POLL: 30, FLOOR: 10})
    set_to(CUSTOMER, **{POLL: 60})

    at_department, at_printer = seen(DEPARTMENT), seen(PRINTER)

    assert (at_department[POLL]["value"], at_department[POLL]["explicit"]) == (60, False)
    assert at_department[POLL]["source"] == {"level": "organization", "id": CUSTOMER}
    assert (at_printer[FLOOR]["value"], at_printer[FLOOR]["source"]["id"]) == (10, ROOT_ORGANIZATION)
    assert POLL not in at_printer
    assert FLOOR not in seen(AGENT)


def test_without_anything_explicit_the_defaults_are_in_force(tables: tuple[Table, Table]) -> None:
    shown = seen(AGENT)

    assert shown[POLL] == {
        "name": POLL,
        "value": 15,
        "unit": "minutes",
        "default": 15,
        "explicit": False,
        "source": None,
    }


def test_a_reset_inherits_again_and_both_are_noted_with_who_did_it(tables: tuple[Table, Table]) -> None:
    set_to(CUSTOMER, **{POLL: 60})
    assert change(CUSTOMER, reset=[POLL])["statusCode"] == 200

    noted = body_of(call(partner(), "GET", f"{url(CUSTOMER)}/changes"))["items"]

    assert seen(CUSTOMER)[POLL]["value"] == 15
    assert [each["changes"][0] for each in noted] == [
        {"name": POLL, "before": 60, "after": None},
        {"name": POLL, "before": None, "after": 60},
    ]
    assert {each["changed_by"] for each in noted} == {partner().key_id}


def test_a_reset_below_clears_every_place_below_and_not_the_place_itself(tables: tuple[Table, Table]) -> None:
    site = body_of(call(partner(), "POST", "/v1/sites", new_site(CUSTOMER)))["site_id"]
    for entity in (CUSTOMER, DEPARTMENT, site, AGENT):
        set_to(entity, **{POLL: 60})
    set_to(PRINTER, **{FLOOR: 20})

    report = body_of(call(partner(), "POST", f"{url(CUSTOMER)}/resets", {"names": [POLL]}))
    again = body_of(call(partner(), "POST", f"{url(CUSTOMER)}/resets", {"names": [POLL]}))

    assert report == {"places": 3, "next_cursor": None}
    assert again == {"places": 0, "next_cursor": None}
    assert seen(CUSTOMER)[POLL]["explicit"]
    assert seen(AGENT)[POLL] | {"explicit": False} == seen(DEPARTMENT)[POLL]
    assert seen(PRINTER)[FLOOR]["value"] == 20


def test_a_reset_below_a_site_reaches_its_agents_and_no_other_sites(tables: tuple[Table, Table]) -> None:
    site = body_of(call(partner(), "POST", "/v1/sites", new_site(CUSTOMER)))["site_id"]
    set_to(site, **{POLL: 45})
    set_to(AGENT, **{POLL: 60})

    report = body_of(call(partner(), "POST", f"{url(site)}/resets", {"names": [POLL]}))

    assert report["places"] == 0
    assert seen(AGENT)[POLL]["value"] == 60
    assert seen(site)[POLL]["value"] == 45


@pytest.mark.parametrize(
    ("entity", "body", "pointer"),
    [
        (CUSTOMER, {"set": [{"name": POLL, "value": 4}]}, "/set/0/value"),
        (CUSTOMER, {"set": [{"name": POLL, "value": 1_441}]}, "/set/0/value"),
        (CUSTOMER, {"set": [{"name": POLL, "value": "30"}]}, "/set/0/value"),
        (CUSTOMER, {"set": [{"name": FLOOR, "value": True}]}, "/set/0/value"),
        (PRINTER, {"set": [{"name": POLL, "value": 60}]}, "/set/0/name"),
        (AGENT, {"set": [{"name": FLOOR, "value": 9}]}, "/set/0/name"),
        (CUSTOMER, {"set": [{"name": POLL, "value": 9}], "reset": [POLL]}, "/set"),
        (CUSTOMER, {"set": [{"name": "colour_of_the_lamp", "value": 9}]}, "/set/0/name"),
    ],
)
def test_what_cannot_be_is_refused_by_place_and_changes_nothing(
    tables: tuple[Table, Table], entity: str, body: dict[str, object], pointer: str
) -> None:
    before = seen(entity)

    refused = change(entity, **body)

    assert refused["statusCode"] == 422
    assert pointer in [error["pointer"] for error in body_of(refused)["errors"]]
    assert seen(entity) == before


def test_two_writers_at_once_do_not_overwrite_each_other(tables: tuple[Table, Table]) -> None:
    etag = call(partner(), "GET", url(CUSTOMER))["multiValueHeaders"]["ETag"][0]
    wanted = [{"name": POLL, "value": 30}]

    first = change(CUSTOMER, etag, set=wanted)
    second = change(CUSTOMER, etag, set=[{"name": POLL, "value": 45}])
    blind = change(CUSTOMER, None, set=wanted)

    assert [each["statusCode"] for each in (first, second, blind)] == [200, 412, 428]
    assert seen(CUSTOMER)[POLL]["value"] == 30


def test_another_tenant_s_places_are_missing(tables: tuple[Table, Table]) -> None:
    for entity in (CUSTOMER, PRINTER, AGENT, "site_" + "0" * 26):
        answer = call(foreign_partner(), "GET", url(entity))
        assert (answer["statusCode"], body_of(answer)["code"]) == (404, "not_found")


STALE, EXCEPTION, LOST = (each.value for each in RISING)


@pytest.mark.parametrize(
    ("before", "wanted", "pointers"),
    [
        ({}, {STALE: 9, EXCEPTION: 9}, ["/set/1/value"]),
        ({}, {LOST: 5, STALE: 6}, ["/set/0/value"]),
        ({EXCEPTION: 10}, {STALE: 10}, ["/set/0/value"]),
        ({STALE: 2, LOST: 20}, {EXCEPTION: 20}, ["/set/0/value"]),
        ({STALE: 2, LOST: 20}, {EXCEPTION: 2}, ["/set/0/value"]),
        ({}, {STALE: 3, EXCEPTION: 2, LOST: 1}, ["/set/1/value", "/set/2/value"]),
    ],
)
def test_days_of_silence_that_do_not_rise_at_one_place_are_refused(
    tables: tuple[Table, Table], before: dict[str, int], wanted: dict[str, int], pointers: list[str]
) -> None:
    set_to(CUSTOMER, **before)

    refused = change(CUSTOMER, set=[{"name": name, "value": value} for name, value in wanted.items()])

    assert refused["statusCode"] == 422
    assert [error["pointer"] for error in body_of(refused)["errors"]] == pointers
    assert {name: seen(CUSTOMER)[name]["value"] for name in before} == before


def test_days_of_silence_rise_together_and_each_place_answers_for_itself(tables: tuple[Table, Table]) -> None:
    set_to(CUSTOMER, **{STALE: 2, EXCEPTION: 5, LOST: 20})
    set_to(CUSTOMER, **{STALE: 10, EXCEPTION: 20, LOST: 30})
    set_to(DEPARTMENT, **{STALE: 25})

    answer = change(CUSTOMER, set=[{"name": STALE, "value": 20}], reset=[EXCEPTION])

    assert answer["statusCode"] == 200, answer["body"]
    assert [seen(DEPARTMENT)[name]["value"] for name in (STALE, EXCEPTION, LOST)] == [25, 7, 30]


def test_all_settings_are_listed_with_their_bounds(tables: tuple[Table, Table]) -> None:
    listed = body_of(call(partner(), "GET", "/v1/settings"))["settings"]

    assert [each["name"] for each in listed] == [name.value for name in DEFINITIONS]
    assert [each["name"] for each in listed if each["may_be_automatic"]] == [HEARTBEAT]
    assert all(each["least"] <= each["default"] <= each["most"] or each["may_be_automatic"] for each in listed)


def test_a_heartbeat_may_be_left_to_platen_below_where_it_is_set_and_no_other_setting_may(
    tables: tuple[Table, Table],
) -> None:
    set_to(ROOT_ORGANIZATION, **{HEARTBEAT: 60})
    set_to(CUSTOMER, **{HEARTBEAT: 0})

    answer = change(CUSTOMER, set=[{"name": POLL, "value": 0}, {"name": HEARTBEAT, "value": 14}])

    assert (seen(DEPARTMENT)[HEARTBEAT]["value"], seen(ROOT_ORGANIZATION)[HEARTBEAT]["value"]) == (0, 60)
    assert [(each["pointer"], each["detail"]) for each in body_of(answer)["errors"]] == [
        ("/set/0/value", "In minutes: 5 to 1440."),
        ("/set/1/value", "In minutes: 15 to 1440, or 0: automatic."),
    ]


def test_other_contexts_read_what_is_explicit_in_the_order_of_the_tree(tables: tuple[Table, Table]) -> None:
    set_to(CUSTOMER, **{POLL: 60})
    set_to(ROOT_ORGANIZATION, **{POLL: 30})

    chain = AccountsDirectory(tables[0]).explicit_settings(ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/{CUSTOMER}/")

    assert [each.entity_id for each in chain] == [ROOT_ORGANIZATION, CUSTOMER]
