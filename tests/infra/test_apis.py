"""Both doors: every operation behind its authorizer, refusals as problem documents, throttled and logged."""

import json
from typing import Any

import pytest

from shared.names import API_KEY_HEADER, PARTNER_API_PREFIXES
from shared.problems import PROBLEM_JSON, Problem
from tests.support.templates import Resource, Synthesized, function_name, mentioned, target

pytestmark = pytest.mark.synth

SERVES = {
    "accounts": "AccountsApi",
    "fleet": "FleetApi",
    "eligibility": "EligibilityApi",
    "orders": "OrdersApi",
    "fulfilment": "FulfilmentApi",
    "tickets": "TicketsApi",
    "webhooks": "WebhooksApi",
}


def partner_methods(stage: Synthesized) -> dict[str, Resource]:
    """Methods of the partner API by their path."""
    methods = stage.of_type("AWS::ApiGateway::Method").values()
    return {path_of(stage, each["Properties"]["ResourceId"]): each["Properties"] for each in methods}


def path_of(stage: Synthesized, resource: dict[str, Any]) -> str:
    if "Fn::GetAtt" in resource:  # the root
        return ""
    properties = stage.resources[target(resource)]["Properties"]
    return f"{path_of(stage, properties['ParentId'])}/{properties['PathPart']}"


def test_each_prefix_goes_to_the_function_that_serves_it(prod: Synthesized) -> None:
    functions = prod.functions()
    served = {
        path: {function_name(name) for name in mentioned(method["Integration"]) if name in functions}
        for path, method in partner_methods(prod).items()
    }
    assert served == {
        path: {SERVES[name]}
        for name, prefixes in PARTNER_API_PREFIXES.items()
        for prefix in prefixes
        for path in (f"/v1/{prefix}", f"/v1/{prefix}/{{proxy+}}")
    }


def test_no_operation_of_the_partner_api_is_open(prod: Synthesized) -> None:
    (authorizer,) = prod.of_type("AWS::ApiGateway::Authorizer")
    for path, method in partner_methods(prod).items():
        assert method["HttpMethod"] == "ANY", path
        assert method["AuthorizationType"] == "CUSTOM", path
        assert method["AuthorizerId"] == {"Ref": authorizer}, path


def test_the_partner_key_and_where_it_is_sent_from_are_the_authorizer_s_identity(
    prod: Synthesized, local: Synthesized
) -> None:
    for stage, seconds in ((prod, 300), (local, 0)):
        (authorizer,) = stage.of_type("AWS::ApiGateway::Authorizer").values()
        sources = f"method.request.header.{API_KEY_HEADER},context.identity.sourceIp"
        assert authorizer["Properties"]["IdentitySource"] == sources
        assert authorizer["Properties"]["AuthorizerResultTtlInSeconds"] == seconds


def test_agents_have_four_operations_and_only_activation_needs_no_token(prod: Synthesized) -> None:
    routes = {
        each["Properties"]["RouteKey"]: each["Properties"]["AuthorizationType"]
        for each in prod.of_type("AWS::ApiGatewayV2::Route").values()
    }
    assert routes == {
        "POST /v1/activations": "NONE",
        "POST /v1/uploads": "CUSTOM",
        "GET /v1/config": "CUSTOM",
        "POST /v1/keys": "CUSTOM",
    }


def test_the_token_authorizer_sees_every_request_and_keeps_no_verdict(prod: Synthesized) -> None:
    (authorizer,) = prod.of_type("AWS::ApiGatewayV2::Authorizer").values()
    properties = authorizer["Properties"]
    assert properties["IdentitySource"] == []
    assert properties["AuthorizerResultTtlInSeconds"] == 0
    assert properties["EnableSimpleResponses"] is True
    assert properties["AuthorizerPayloadFormatVersion"] == "2.0"


def test_the_agent_functions_get_the_payload_that_their_resolver_reads(prod: Synthesized) -> None:
    integrations = prod.of_type("AWS::ApiGatewayV2::Integration").values()
    assert {each["Properties"]["PayloadFormatVersion"] for each in integrations} == {"2.0"}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("UNAUTHORIZED", 401),
        ("ACCESS_DENIED", 403),
        ("MISSING_AUTHENTICATION_TOKEN", 404),
        ("THROTTLED", 429),
        ("DEFAULT_4XX", 400),
        ("DEFAULT_5XX", 500),
    ],
)
def test_a_refusal_of_the_api_itself_is_a_problem_document(prod: Synthesized, kind: str, status: int) -> None:
    (response,) = [each for each in gateway_responses(prod) if each["ResponseType"] == kind]
    problem = Problem.model_validate_json(response["ResponseTemplates"]["application/json"])
    assert problem.status == status == int(response["StatusCode"])
    assert problem.type == f"urn:platen:problem:{problem.code}"
    assert response["ResponseParameters"]["gatewayresponse.header.Content-Type"] == f"'{PROBLEM_JSON}'"


def test_every_refusal_has_exactly_the_fields_of_a_problem(prod: Synthesized) -> None:
    for response in gateway_responses(prod):
        document = json.loads(response["ResponseTemplates"]["application/json"])
        assert set(document) == set(Problem.model_fields), response["ResponseType"]
        assert document["status"] == int(response["StatusCode"])


def test_a_throttled_partner_is_told_when_to_come_back(prod: Synthesized) -> None:
    (throttled,) = [each for each in gateway_responses(prod) if each["ResponseType"] == "THROTTLED"]
    assert throttled["ResponseParameters"]["gatewayresponse.header.Retry-After"] == "'5'"


def gateway_responses(stage: Synthesized) -> list[Resource]:
    return [each["Properties"] for each in stage.of_type("AWS::ApiGateway::GatewayResponse").values()]


def test_refusals_are_part_of_what_is_deployed(prod: Synthesized) -> None:
    (deployment,) = prod.of_type("AWS::ApiGateway::Deployment").values()
    assert set(prod.of_type("AWS::ApiGateway::GatewayResponse")) <= set(deployment["DependsOn"])


def test_both_apis_are_throttled(prod: Synthesized) -> None:
    (rest,) = prod.of_type("AWS::ApiGateway::Stage").values()
    (http,) = prod.of_type("AWS::ApiGatewayV2::Stage").values()
    (settings,) = rest["Properties"]["MethodSettings"]
    for limits in (settings, http["Properties"]["DefaultRouteSettings"]):
        assert 0 < limits["ThrottlingRateLimit"] <= limits["ThrottlingBurstLimit"]


def test_both_apis_log_each_request_as_json_without_credentials(prod: Synthesized) -> None:
    (rest,) = prod.of_type("AWS::ApiGateway::Stage").values()
    (http,) = prod.of_type("AWS::ApiGatewayV2::Stage").values()
    logged = [rest["Properties"]["AccessLogSetting"]["Format"], http["Properties"]["AccessLogSettings"]["Format"]]
    for text in logged:
        fields = json.loads(text)
        assert fields["requestId"] == "$context.requestId"
        assert fields["status"] == "$context.status"
        assert "apiKey" not in text
        assert "header" not in text


def test_bodies_are_never_logged(prod: Synthesized) -> None:
    (rest,) = prod.of_type("AWS::ApiGateway::Stage").values()
    assert [settings["DataTraceEnabled"] for settings in rest["Properties"]["MethodSettings"]] == [False]


def test_production_has_a_firewall_before_the_partner_api(prod: Synthesized, dev: Synthesized) -> None:
    (association,) = prod.of_type("AWS::WAFv2::WebACLAssociation").values()
    (stage,) = prod.of_type("AWS::ApiGateway::Stage")
    assert stage in mentioned(association["Properties"]["ResourceArn"])
    assert "AWS::WAFv2::WebACL" not in {each["Type"] for each in dev.resources.values()}
