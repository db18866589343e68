"""A Standard state machine from its ASL file: own role, exactly the grants it needs, logs and tracing."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from infra.assets import state_machine_text
from infra.retention import log_group
from infra.settings import StageSettings

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

    from infra.function import PlatenFunction
    from infra.tables import PlatenTable


class Workflow(Construct):
    """A state machine and who may start it.

    Args:
        name: Of the file under ``infra/state_machines``, without ``.asl.json``.
        tasks: The functions it invokes, by the name of their substitution.
        updates: Tables whose items it updates (to store a task token), by the name of their substitution.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        name: str,
        tasks: "Mapping[str, PlatenFunction]",
        updates: "Mapping[str, PlatenTable] | None" = None,
    ) -> None:
        super().__init__(scope, construct_id)
        tables = updates or {}
        # AWS's own prefix for delivered logs: other names fill up a policy of limited size.
        log_name = f"/aws/vendedlogs/states/{Stack.of(self).stack_name}-{name}"
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        self._allow(["lambda:InvokeFunction"], [function.function_arn for function in tasks.values()])
        if tables:
            self._allow(["dynamodb:UpdateItem"], [table.table_arn for table in tables.values()])
        self.machine = stepfunctions.StateMachine(
            self,
            "Machine",
            comment=f"infra/state_machines/{name}.asl.json",
            definition_body=stepfunctions.DefinitionBody.from_string(state_machine_text(name)),
            definition_substitutions={
                **{key: function.function_arn for key, function in tasks.items()},
                **{key: table.table_name for key, table in tables.items()},
            },
            state_machine_type=stepfunctions.StateMachineType.STANDARD,
            role=self.role,
            tracing_enabled=True,
            logs=stepfunctions.LogOptions(
                destination=log_group(self, "Logs", settings, log_name),
                level=stepfunctions.LogLevel.ALL,
                # The history has inputs and outputs; a copy in the logs would only be one more place to protect.
                include_execution_data=False,
            ),
        )

    def let_start(self, variable: str, *functions: "lambda_.Function") -> None:
        """Let the functions start executions; ``variable`` carries the machine's address to them."""
        for function in functions:
            function.add_environment(variable, self.machine.state_machine_arn)
            self._let(function, ["states:StartExecution"])

    def let_answer(self, *functions: "lambda_.Function") -> None:
        """Let the functions answer waiting tasks of this machine."""
        for function in functions:
            self._let(function, ["states:SendTaskSuccess"])

    def _let(self, function: "lambda_.Function", actions: Sequence[str]) -> None:
        arns = [self.machine.state_machine_arn]
        function.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=arns))

    def _allow(self, actions: Sequence[str], arns: Sequence[str]) -> None:
        self.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(arns)))
