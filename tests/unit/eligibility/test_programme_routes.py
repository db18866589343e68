"""The partner API of the programme: models, entitlements, terms."""

import hashlib
from typing import Any

import pytest

from functions.eligibility.programme.repository import ProgrammeRepository
from functions.eligibility.table.models import ProgrammeModel
from shared.directory import keys as directory
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, body_of, foreign_partner, operator, partner
from tests.support.eligibility import World, call

MODEL = {"manufacturer": "Brother", "model": "HL-L2*", "max_lifetime_count": 50_000}
GRANDCHILD = "org_01jd2x00000000000000000003"


def grant(organization_id: str) -> dict[str, str]:
    return {"organization_id": organization_id, "programme": "mps"}


def test_a_model_is_created_once_and_replaced_by_put(world: World) -> None:
    first = call(operator(), "POST", "/v1/programme-models", MODEL)
    again = call(operator(), "POST", "/v1/programme-models", MODEL | {"manufacturer": "BROTHER"})
    replaced = call(operator(), "PUT", "/v1/programme-models", MODEL | {"max_lifetime_count": 60_000})

    listed = body_of(call(partner(), "GET", "/v1/programme-models", query={"manufacturer": "brother"}))["items"]
    assert [first["statusCode"], again["statusCode"], replaced["statusCode"]] == [201, 409, 200]
    assert [one["max_lifetime_count"] for one in listed] == [60_000]


def put(maximum: int, if_match: str | None = None) -> dict[str, Any]:
    headers = {"If-Match": if_match} if if_match else None
    return call(operator(), "PUT", "/v1/programme-models", MODEL | {"max_lifetime_count": maximum}, headers=headers)


def listed() -> list[tuple[int, int]]:
    items = body_of(call(partner(), "GET", "/v1/programme-models", query={"manufacturer": "brother"}))["items"]
    return [(one["max_lifetime_count"], one["version"]) for one in items]


def test_of_two_operators_that_saw_the_same_version_of_a_model_the_second_is_told(world: World) -> None:
    absent = put(1, if_match="*")
    call(operator(), "POST", "/v1/programme-models", MODEL)

    won, lost = put(60_000, if_match='"1"'), put(70_000, if_match='"1"')
    without = put(80_000)

    assert (absent["statusCode"], won["statusCode"], lost["statusCode"]) == (412, 200, 412)
    assert body_of(lost)["code"] == "version_changed"
    assert body_of(without)["version"] == 3
    assert listed() == [(80_000, 3)]


@pytest.mark.parametrize(("if_match", "status", "kept"), [('"1"', 412, (60_000, 2)), (None, 200, (70_000, 3))])
def test_an_operator_who_is_overtaken_writes_only_over_what_was_seen(
    world: World, monkeypatch: pytest.MonkeyPatch, if_match: str | None, status: int, kept: tuple[int, int]
) -> None:
    call(operator(), "POST", "/v1/programme-models", MODEL)
    replace = ProgrammeRepository.replace_model

    def overtaken(self: ProgrammeRepository, seen: ProgrammeModel, model: ProgrammeModel) -> bool:
        monkeypatch.setattr(ProgrammeRepository, "replace_model", replace)
        put(60_000)
        return replace(self, seen, model)

    monkeypatch.setattr(ProgrammeRepository, "replace_model", overtaken)

    assert put(70_000, if_match)["statusCode"] == status
    assert listed() == [kept]


def test_a_model_that_was_kept_before_versions_were_counted_is_its_first(world: World) -> None:
    call(operator(), "POST", "/v1/programme-models", MODEL)
    (item,) = world.eligibility.query(directory.PROGRAMME, sk_prefix=f"{directory.MODEL_PREFIX}brother").items
    world.eligibility.put({name: value for name, value in item.items() if name != "version"})

    assert put(60_000, if_match='"1"')["statusCode"] == 200
    assert listed() == [(60_000, 2)]


def test_a_partner_cannot_change_the_programme(world: World) -> None:
    assert call(partner(), "POST", "/v1/programme-models", MODEL)["statusCode"] == 403
    assert call(partner(), "PUT", "/v1/programme-models", MODEL)["statusCode"] == 403


@pytest.mark.parametrize("model", ["*HL", "HL*2*", ""])
def test_a_pattern_with_its_star_elsewhere_is_refused(world: World, model: str) -> None:
    assert call(operator(), "POST", "/v1/programme-models", MODEL | {"model": model})["statusCode"] == 422


def test_only_the_operator_entitles_a_partner(world: World) -> None:
    by_itself = call(partner(), "POST", "/v1/entitlements", grant(ROOT_ORGANIZATION))
    by_operator = call(operator(), "POST", "/v1/entitlements", grant(ROOT_ORGANIZATION))
    again = call(operator(), "POST", "/v1/entitlements", grant(ROOT_ORGANIZATION))

    assert [by_itself["statusCode"], by_operator["statusCode"], again["statusCode"]] == [403, 201, 200]
    assert body_of(again) == body_of(by_operator)


def test_a_partner_that_holds_the_programme_grants_it_to_each_child_explicitly(world: World) -> None:
    world.add_organization(GRANDCHILD, f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/")
    without = call(partner(), "POST", "/v1/entitlements", grant(CHILD_ORGANIZATION))
    call(operator(), "POST", "/v1/entitlements", grant(ROOT_ORGANIZATION))
    grandchild_first = call(partner(), "POST", "/v1/entitlements", grant(GRANDCHILD))
    child = call(partner(), "POST", "/v1/entitlements", grant(CHILD_ORGANIZATION))
    grandchild = call(partner(), "POST", "/v1/entitlements", grant(GRANDCHILD))

    assert [without["statusCode"], grandchild_first["statusCode"]] == [409, 409]
    assert [child["statusCode"], grandchild["statusCode"]] == [201, 201]
    listed = body_of(call(partner(), "GET", "/v1/entitlements"))["items"]
    assert [one["organization_id"] for one in listed] == [ROOT_ORGANIZATION, CHILD_ORGANIZATION, GRANDCHILD]


def test_an_organisation_cannot_grant_the_programme_to_itself_and_a_foreign_one_not_at_all(world: World) -> None:
    call(operator(), "POST", "/v1/entitlements", grant(ROOT_ORGANIZATION))

    by_itself = call(partner(CHILD_ORGANIZATION), "POST", "/v1/entitlements", grant(CHILD_ORGANIZATION))
    by_foreigner = call(foreign_partner(), "POST", "/v1/entitlements", grant(CHILD_ORGANIZATION))

    assert by_itself["statusCode"] == 403
    assert by_foreigner["statusCode"] == 404


def test_an_entitlement_cannot_be_deleted(world: World) -> None:
    assert call(partner(), "DELETE", f"/v1/entitlements/{CHILD_ORGANIZATION}")["statusCode"] == 404


def test_the_terms_carry_the_digest_of_their_text(world: World) -> None:
    terms = body_of(call(partner(), "GET", "/v1/terms"))

    assert terms["sha256"] == hashlib.sha256(terms["text"].encode()).hexdigest()
    assert "cannot be undone" in terms["text"]


def test_an_acceptance_is_an_audit_row_that_says_who_what_when_and_from_where(world: World) -> None:
    terms = body_of(call(partner(), "GET", "/v1/terms"))
    body = {"organization_id": CHILD_ORGANIZATION, "terms_version": terms["version"], "sha256": terms["sha256"]}

    accepted = body_of(call(partner(), "POST", "/v1/terms-acceptances", body | {"accepted_by": "Ada Lovelace"}))

    kept = world.programmes.acceptance(ROOT_ORGANIZATION, CHILD_ORGANIZATION, terms["version"])
    assert kept is not None
    assert kept.model_dump(mode="json") == accepted
    assert kept.source_ip == "192.0.2.10"
    assert kept.user_agent == "platen-tests/1"
    assert kept.request_id == "req-0001"
    assert kept.key_id == partner().key_id
    assert kept.sha256 == terms["sha256"]


def test_a_second_acceptance_adds_a_row_and_changes_none(world: World) -> None:
    body = {"organization_id": CHILD_ORGANIZATION, "terms_version": "1.0"}
    first = body_of(call(partner(), "POST", "/v1/terms-acceptances", body))

    second = body_of(call(partner(), "POST", "/v1/terms-acceptances", body))

    kept = world.programmes.acceptance(ROOT_ORGANIZATION, CHILD_ORGANIZATION, "1.0")
    assert kept is not None
    assert kept.acceptance_id == first["acceptance_id"]
    query = {"organization_id": CHILD_ORGANIZATION}
    assert body_of(call(partner(), "GET", "/v1/terms-acceptances", query=query))["items"] == [first, second]


@pytest.mark.parametrize("change", [{"terms_version": "0.9"}, {"sha256": "0" * 64}])
def test_only_the_present_text_can_be_accepted(world: World, change: dict[str, str]) -> None:
    body = {"organization_id": CHILD_ORGANIZATION, "terms_version": "1.0"} | change

    assert call(partner(), "POST", "/v1/terms-acceptances", body)["statusCode"] == 422
