"""The web application firewall before the partner API, in production."""

from typing import Final

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

_REQUESTS_IN_FIVE_MINUTES: Final = 6_000
_MANAGED: Final = ("AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet")


class Firewall(Construct):
    """Refuses known bad sources and inputs, and any one address that asks too often."""

    def __init__(self, scope: Construct, construct_id: str, *, stage_arn: str) -> None:
        super().__init__(scope, construct_id)
        managed = [_managed(name, priority) for priority, name in enumerate(_MANAGED, start=1)]
        acl = waf.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow=waf.CfnWebACL.AllowActionProperty()),
            visibility_config=_visible("PartnerApi"),
            rules=[_rate_limit(priority=0), *managed],
        )
        waf.CfnWebACLAssociation(self, "OnStage", resource_arn=stage_arn, web_acl_arn=acl.attr_arn)


def _rate_limit(*, priority: int) -> waf.CfnWebACL.RuleProperty:
    limit = waf.CfnWebACL.RateBasedStatementProperty(
        aggregate_key_type="IP", limit=_REQUESTS_IN_FIVE_MINUTES, evaluation_window_sec=300
    )
    return waf.CfnWebACL.RuleProperty(
        name="OneAddress",
        priority=priority,
        action=waf.CfnWebACL.RuleActionProperty(block=waf.CfnWebACL.BlockActionProperty()),
        statement=waf.CfnWebACL.StatementProperty(rate_based_statement=limit),
        visibility_config=_visible("OneAddress"),
    )


def _managed(name: str, priority: int) -> waf.CfnWebACL.RuleProperty:
    group = waf.CfnWebACL.ManagedRuleGroupStatementProperty(vendor_name="AWS", name=name)
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(managed_rule_group_statement=group),
        visibility_config=_visible(name),
    )


def _visible(metric: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
    )
