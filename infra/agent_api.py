"""The agents' HTTP API: four routes; all but the activation behind the token authorizer."""

import json
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from constructs import Construct

from infra.retention import log_group
from infra.settings import StageSettings

if TYPE_CHECKING:
    from aws_cdk import aws_logs as logs

    from infra.function import PlatenFunction

_ACCESS_LOG: Final = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "sourceIp": "$context.identity.sourceIp",
    "agentId": "$context.authorizer.agent_id",
    "refusal": "$context.authorizer.refusal",
    "error": "$context.error.message",
}


class AgentApi(Construct):
    """The HTTP API.

    The authorizer has no identity source and no cache: a request without a token reaches it too, and it answers
    every request with either the agent or the reason of the refusal, because an HTTP API cannot shape a refusal.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        authorizer: "PlatenFunction",
        activation: "PlatenFunction",
        upload: "PlatenFunction",
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        self.http = apigateway.HttpApi(
            self,
            "Http",
            api_name=f"{stack.stack_name}-agent",
            description="Platen for its agents at the customers' sites",
            create_default_stage=False,
        )
        name = f"/aws/vendedlogs/apis/{stack.stack_name}-agent"
        self._stage(settings, log_group(self, "AccessLogs", settings, name))
        by_token = authorizers.HttpLambdaAuthorizer(
            "Token",
            authorizer,
            response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
            identity_source=[],
            results_cache_ttl=Duration.seconds(0),
        )
        activations = integrations.HttpLambdaIntegration("Activation", activation)
        uploads = integrations.HttpLambdaIntegration("Upload", upload)
        post, get = apigateway.HttpMethod.POST, apigateway.HttpMethod.GET
        self.open_routes = self.http.add_routes(path="/v1/activations", methods=[post], integration=activations)
        self.http.add_routes(path="/v1/uploads", methods=[post], integration=uploads, authorizer=by_token)
        self.http.add_routes(path="/v1/config", methods=[get], integration=uploads, authorizer=by_token)
        self.http.add_routes(path="/v1/keys", methods=[post], integration=activations, authorizer=by_token)

    @property
    def url(self) -> str:
        """Base address, without a trailing slash; paths begin with ``/v1``."""
        return self.http.api_endpoint

    def _stage(self, settings: StageSettings, access_log: "logs.ILogGroup") -> None:
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.http,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=settings.requests_per_second, burst_limit=settings.request_burst
            ),
        )
        resource = stage.node.default_child
        if isinstance(resource, apigateway.CfnStage):
            resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=access_log.log_group_arn, format=json.dumps(_ACCESS_LOG, separators=(",", ":"))
            )
