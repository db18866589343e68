"""What every function of the stack is given: the stage, its code, the dependency layer, the tables."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra.settings import StageSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import aws_lambda as lambda_

    from infra.tables import Tables

API_SECONDS: Final = 10
CONSUMER_SECONDS: Final = 30
TASK_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class House:
    """The stack's shared parts, handed to each context."""

    settings: StageSettings
    layer: "lambda_.ILayerVersion"
    code_of: "Callable[[str], lambda_.Code]"
    tables: "Tables"
