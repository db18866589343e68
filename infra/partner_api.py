"""The partners' REST API: every operation behind the key authorizer, each prefix to the function that serves it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.firewall import Firewall
from infra.problem_responses import answer_problems
from infra.retention import log_group
from infra.settings import StageSettings
from shared.names import API_KEY_HEADER, CSV_MEDIA_TYPES, PARTNER_API_PREFIXES

if TYPE_CHECKING:
    from infra.function import PlatenFunction

_ACCESS_LOG: Final = {
    "requestId": apigateway.AccessLogField.context_request_id(),
    "requestTime": apigateway.AccessLogField.context_request_time(),
    "method": apigateway.AccessLogField.context_http_method(),
    "path": apigateway.AccessLogField.context_path(),
    "status": apigateway.AccessLogField.context_status(),
    "latencyMs": apigateway.AccessLogField.context_response_latency(),
    "sourceIp": apigateway.AccessLogField.context_identity_source_ip(),
    "tenantId": apigateway.AccessLogField.context_authorizer("tenant_id"),
    "keyId": apigateway.AccessLogField.context_authorizer("key_id"),
    "errorType": apigateway.AccessLogField.context_error_response_type(),
}


class PartnerApi(Construct):
    """The REST API.

    Args:
        authorizer: Turns the key of the ``x-api-key`` header into a tenant, or refuses.
        functions: The functions by the names of `PARTNER_API_PREFIXES`, one for each.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        authorizer: "PlatenFunction",
        functions: "Mapping[str, PlatenFunction]",
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self.rest = self._api(
            apigateway.RequestAuthorizer(
                self,
                "Key",
                handler=authorizer,
                # A verdict is kept by both: a key may be good from some networks only.
                identity_sources=[
                    apigateway.IdentitySource.header(API_KEY_HEADER),
                    apigateway.IdentitySource.context("identity.sourceIp"),
                ],
                results_cache_ttl=Duration.seconds(settings.partner_key_cache_seconds),
            )
        )
        # An output under a name that nobody knows; `url` says the same.
        self.rest.node.try_remove_child("Endpoint")
        log_group(self, "ErrorLogs", settings, f"API-Gateway-Execution-Logs_{self.rest.rest_api_id}/{settings.stage}")
        version = self.rest.root.add_resource("v1")
        for name, prefixes in PARTNER_API_PREFIXES.items():
            # One permission for the whole API, not two for each method.
            integration = apigateway.LambdaIntegration(functions[name], scope_permission_to_method=False)
            for prefix in prefixes:
                resource = version.add_resource(prefix)
                resource.add_method("ANY", integration)
                resource.add_proxy(default_integration=integration)
        answer_problems(self.rest)
        if settings.has_firewall:
            Firewall(self, "Firewall", stage_arn=self.rest.deployment_stage.stage_arn)

    @property
    def url(self) -> str:
        """Base address, without a trailing slash; paths begin with ``/v1``."""
        stack = Stack.of(self)
        host = f"{self.rest.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}"
        return f"https://{host}/{self._settings.stage}"

    def _api(self, authorizer: apigateway.IAuthorizer) -> apigateway.RestApi:
        stack = Stack.of(self)
        access_log = log_group(self, "AccessLogs", self._settings, f"/aws/vendedlogs/apis/{stack.stack_name}-partner")
        return apigateway.RestApi(
            self,
            "Rest",
            rest_api_name=f"{stack.stack_name}-partner",
            description="Platen for partners",
            # A file that is not UTF-8 must be seen as it is to be refused.
            binary_media_types=list(CSV_MEDIA_TYPES),
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            # The account's one role for API logs; kept, because the account's other APIs may use it too.
            cloud_watch_role=True,
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
            default_method_options=apigateway.MethodOptions(
                authorizer=authorizer, authorization_type=apigateway.AuthorizationType.CUSTOM
            ),
            deploy_options=apigateway.StageOptions(
                stage_name=self._settings.stage,
                tracing_enabled=True,
                throttling_rate_limit=self._settings.requests_per_second,
                throttling_burst_limit=self._settings.request_burst,
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                # Bodies carry contact details: they are never logged.
                data_trace_enabled=False,
                access_log_destination=apigateway.LogGroupLogDestination(access_log),
                access_log_format=apigateway.AccessLogFormat.custom(_as_json(_ACCESS_LOG)),
            ),
        )


def _as_json(fields: Mapping[str, str]) -> str:
    return "{" + ",".join(f'"{name}":"{variable}"' for name, variable in fields.items()) + "}"
