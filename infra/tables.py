"""One table per context, the idempotency table, and the only grants on them: to read one, or to write one's own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.retention import removal_policy
from infra.settings import StageSettings
from shared.names import DUE_INDEX, GSI1, PAGES_INDEX, TTL_ATTRIBUTE

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

READ: Final = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query")
WRITE: Final = (
    "dynamodb:ConditionCheckItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)
KEEP_ANSWERS: Final = ("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
# Powertools names its own time-to-live attribute.
_IDEMPOTENCY_TTL: Final = "expiration"


class PlatenTable(dynamodb.Table):
    """An on-demand table; its name reaches a function only together with a grant.

    Args:
        variable: The environment variable that carries the table's name.
        keys: Names of partition and sort key, all text.
        indexes: Names of the secondary indexes; index ``x`` has the keys ``xpk`` and ``xsk``.
        key_indexes: Those that hold keys alone: another write of an item costs nothing there.
        has_stream: Changes are streamed with both images.
        ttl: The attribute with the time of an item's end.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each thing a table may differ in
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        variable: str,
        keys: Sequence[str] = ("pk", "sk"),
        indexes: Sequence[str] = (),
        key_indexes: Sequence[str] = (),
        has_stream: bool = False,
        ttl: str = TTL_ATTRIBUTE,
    ) -> None:
        partition, *sort = (dynamodb.Attribute(name=key, type=dynamodb.AttributeType.STRING) for key in keys)
        super().__init__(
            scope,
            construct_id,
            partition_key=partition,
            sort_key=sort[0] if sort else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute=ttl,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if has_stream else None,
            removal_policy=removal_policy(settings),
            deletion_protection=settings.keeps_data,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=settings.keeps_data
            ),
        )
        for index in (*indexes, *key_indexes):
            self.add_global_secondary_index(
                index_name=index,
                partition_key=dynamodb.Attribute(name=f"{index}pk", type=dynamodb.AttributeType.STRING),
                sort_key=dynamodb.Attribute(name=f"{index}sk", type=dynamodb.AttributeType.STRING),
                projection_type=dynamodb.ProjectionType.KEYS_ONLY if index in key_indexes else None,
            )
        self._variable = variable
        # Named one by one: a grant on "index/*" would be a wildcard.
        self._arns = [self.table_arn, *(f"{self.table_arn}/index/{index}" for index in (*indexes, *key_indexes))]

    def let_read(self, *functions: "lambda_.Function") -> None:
        """Let the functions get items and query the table and its indexes."""
        for function in functions:
            self._let(function, READ)

    def let_write(self, *functions: "lambda_.Function") -> None:
        """Let the functions also put and update items: for the table's own context only."""
        for function in functions:
            self._let(function, READ + WRITE)

    def let_delete(self, *functions: "lambda_.Function") -> None:
        """Let the functions delete items: few facts are ever taken back."""
        for function in functions:
            self.let(function, "dynamodb:DeleteItem")

    def let_keep_answers(self, *functions: "lambda_.Function") -> None:
        """Let the functions keep answers under their idempotency keys: for the idempotency table."""
        for function in functions:
            self._let(function, KEEP_ANSWERS)

    def let(self, function: "lambda_.Function", *actions: str) -> None:
        """Let a function do only these actions on the table, not on its indexes."""
        self._let(function, actions, [self.table_arn])

    def _let(self, function: "lambda_.Function", actions: Sequence[str], arns: Sequence[str] | None = None) -> None:
        function.add_environment(self._variable, self.table_name)
        function.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=list(arns or self._arns)))


class Tables(Construct):
    """All tables of the stack."""

    def __init__(self, scope: Construct, construct_id: str, settings: StageSettings) -> None:
        super().__init__(scope, construct_id)
        self.accounts = PlatenTable(
            self, "Accounts", settings=settings, variable="ACCOUNTS_TABLE", indexes=[GSI1], has_stream=True
        )
        self.fleet = PlatenTable(
            self,
            "Fleet",
            settings=settings,
            variable="FLEET_TABLE",
            indexes=[GSI1, DUE_INDEX],
            key_indexes=[PAGES_INDEX],
            has_stream=True,
        )
        self.eligibility = PlatenTable(
            self, "Eligibility", settings=settings, variable="ELIGIBILITY_TABLE", indexes=[GSI1], has_stream=True
        )
        self.orders = PlatenTable(
            self, "Orders", settings=settings, variable="ORDERS_TABLE", indexes=[GSI1, DUE_INDEX], has_stream=True
        )
        self.tickets = PlatenTable(
            self, "Tickets", settings=settings, variable="TICKETS_TABLE", indexes=[GSI1, DUE_INDEX], has_stream=True
        )
        self.webhooks = PlatenTable(
            self, "Webhooks", settings=settings, variable="WEBHOOKS_TABLE", indexes=[GSI1, DUE_INDEX]
        )
        self.idempotency = PlatenTable(
            self, "Idempotency", settings=settings, variable="IDEMPOTENCY_TABLE", keys=["id"], ttl=_IDEMPOTENCY_TTL
        )
