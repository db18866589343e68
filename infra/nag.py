"""What cdk-nag finds and we accept, each with its reason; any other finding fails the synth."""

from typing import TYPE_CHECKING, Final

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from infra.settings import StageSettings

if TYPE_CHECKING:
    from constructs import IConstruct

    from infra.stack import PlatenStack

_LOGS_POLICY: Final = "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
_ANY_RESOURCE: Final = (
    "AWS takes no narrower resource for X-Ray, ListStreams and log delivery; that no other action has it is tested "
    "(tests/infra/test_permissions.py)."
)
_PUBLIC: Final = "The one-time code and a proof of the agent's key are the credential; the function limits attempts."


def acknowledge(stack: "PlatenStack", settings: StageSettings) -> None:
    """Accept the known findings where they are, and nowhere else."""
    rest = stack.partner_api.rest
    _accept(rest, "APIG2", "Each function validates its request against a typed model and answers field by field.")
    _accept(rest, "COG4", "Partners are programs with keys: a request authorizer checks them, on every method.")
    _accept(rest, f"IAM4[{_LOGS_POLICY}]", "The account's role for API logs; AWS asks for this very policy.")
    for route in stack.agent_api.open_routes:
        _accept(route, "APIG4", _PUBLIC)
    for construct in stack.node.find_all():
        if isinstance(construct, iam.Role):
            _accept(construct, "IAM5[Resource::*]", _ANY_RESOURCE)
        elif isinstance(construct, sqs.Queue) and construct.dead_letter_queue is None:
            _accept(
                construct, "SQS3", "It is the dead-letter queue of streams, schedules and rules; an alarm watches it."
            )
        elif isinstance(construct, dynamodb.Table) and not settings.keeps_data:
            _accept(construct, "DDB3", "This stage holds made-up data; production has point-in-time recovery.")
    if not settings.has_firewall:
        _accept(rest, "APIG3", "The firewall costs more than the rest of this stage; production has it.")


def _accept(construct: "IConstruct", rule: str, reason: str) -> None:
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason))
