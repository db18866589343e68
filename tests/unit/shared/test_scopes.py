"""A route's scope is demanded of every caller, first of all; a route without one is served to nobody."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from shared.http import ApiModel, partner_api
from shared.scopes import needs
from tests.support.api_events import function_context, partner, rest_event


class Thing(ApiModel):
    name: str


@pytest.fixture
def app() -> APIGatewayRestResolver:
    """One operation that declares its scope and one that forgot to."""
    app = partner_api()

    @app.put("/v1/things", openapi_extensions=needs("things:write"))
    def put(thing: Thing) -> Thing:
        return thing

    @app.put("/v1/forgotten")
    def put_forgotten(thing: Thing) -> Thing:
        return thing

    return app


def put(app: APIGatewayRestResolver, path: str, body: object, *scopes: str) -> tuple[int, dict[str, Any]]:
    answer = app.resolve(rest_event("PUT", path, caller=partner(scopes=scopes), body=body), function_context())
    return answer["statusCode"], json.loads(answer["body"])


def test_a_key_with_the_scope_is_served(app: APIGatewayRestResolver) -> None:
    assert put(app, "/v1/things", {"name": "a"}, "things:write") == (200, {"name": "a"})


@pytest.mark.parametrize("body", [{"name": "a"}, {"name": 1, "colour": "red"}], ids=["good", "bad"])
def test_a_key_without_it_is_refused_before_its_body_is_looked_at(app: APIGatewayRestResolver, body: object) -> None:
    status, problem = put(app, "/v1/things", body, "things:read", "things")

    assert (status, problem["code"], problem["detail"]) == (
        403,
        "scope_missing",
        "This key lacks the scope 'things:write'.",
    )


def test_a_body_that_does_not_fit_is_told_to_a_key_with_the_scope(app: APIGatewayRestResolver) -> None:
    status, problem = put(app, "/v1/things", {"colour": "red"}, "things:write")

    assert (status, {each["pointer"] for each in problem["errors"]}) == (422, {"/name", "/colour"})


def test_nobody_is_served_by_an_operation_that_declares_no_scope(app: APIGatewayRestResolver) -> None:
    status, problem = put(app, "/v1/forgotten", {"name": "a"}, "things:write", "platform:admin")

    assert (status, problem["code"]) == (404, "no_such_route")


def test_a_caller_nobody_vouched_for_is_told_to_bring_a_key(app: APIGatewayRestResolver) -> None:
    event = rest_event("PUT", "/v1/things", caller=partner(), body={"name": "a"})
    del event["requestContext"]["authorizer"]

    answer = app.resolve(event, function_context())

    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (401, "no_credential")
