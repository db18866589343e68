"""Errors become problem documents with one status each; a caller is only what an authorizer vouched for."""

import pytest

from shared import errors
from shared.names import Scope
from shared.problems import STATUS, problem, status_of
from shared.tenancy import AgentCaller, Caller

CONTEXT = {
    "tenant_id": "org_a",
    "organization_id": "org_b",
    "organization_path": "/org_a/org_b/",
    "key_id": "key_1",
    "scopes": "fleet:read orders:read",
}


def test_every_category_of_error_has_its_own_status() -> None:
    categories = {
        error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, errors.PlatenError)
    } - {errors.PlatenError}

    assert set(STATUS) == categories
    assert len(set(STATUS.values())) == len(categories)


def test_a_missing_thing_and_a_foreign_thing_read_the_same() -> None:
    error = errors.NotFound("printer", "prn_x")

    document = problem(status_of(error), error.code, error.detail)

    assert document["status"] == 404
    assert document["type"] == "urn:platen:problem:not_found"
    assert document["title"] == "Not Found"
    assert "prn_x" in document["detail"]


def test_a_problem_names_each_field_and_the_fix() -> None:
    field = errors.FieldError("/name", "Field required")

    document = problem(status_of(errors.Invalid("x", "y")), "x", "y", (field,))

    assert document["errors"] == [{"pointer": "/name", "detail": "Field required"}]


def test_a_caller_sees_its_organisation_and_those_below() -> None:
    caller = Caller.from_rest_event({"requestContext": {"authorizer": CONTEXT}})

    assert caller.can_see("/org_a/org_b/")
    assert caller.can_see("/org_a/org_b/org_c/")
    assert not caller.can_see("/org_a/")
    assert not caller.can_see("/org_a/org_bb/")


def test_a_key_without_the_scope_is_refused_by_name() -> None:
    caller = Caller.from_rest_event({"requestContext": {"authorizer": CONTEXT}})

    caller.require(Scope.FLEET_READ)
    with pytest.raises(errors.Forbidden, match="fleet:write"):
        caller.require(Scope.FLEET_WRITE)
    assert not caller.is_operator


@pytest.mark.parametrize(
    "event", [{}, {"requestContext": None}, {"requestContext": {"authorizer": {"tenant_id": "x"}}}]
)
def test_nobody_is_a_caller_without_an_authorizer(event: dict[str, object]) -> None:
    with pytest.raises(errors.Unauthenticated):
        Caller.from_rest_event(event)


def test_a_tenant_in_a_header_or_body_makes_no_caller() -> None:
    event = {"headers": CONTEXT, "body": "{}", "pathParameters": CONTEXT, "requestContext": {"authorizer": None}}

    with pytest.raises(errors.Unauthenticated):
        Caller.from_rest_event(event)


@pytest.mark.parametrize(
    ("refusal", "category"),
    [("agent_not_active", errors.Forbidden), ("token_expired", errors.Unauthenticated), (None, errors.Unauthenticated)],
)
def test_an_agent_without_a_verified_token_is_refused_with_the_reason(
    refusal: str | None, category: type[errors.PlatenError]
) -> None:
    event = {"requestContext": {"authorizer": {"lambda": {"refusal": refusal}}}}

    with pytest.raises(category) as refused:
        AgentCaller.from_http_event(event)

    assert refused.value.code == (refusal or "no_credential")
