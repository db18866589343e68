"""Starting the enrolment workflow: a run is named by its request, so that one request has one run."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True, slots=True)
class EnrolmentWorkflow:
    """`Workflows` in Step Functions."""

    machine_arn: str
    client: "SFNClient"

    def start(self, name: str, tenant_id: str, enrolment_id: str) -> bool:
        """Start a run; False when one of that name has ended already.

        Safe to repeat: the name is the key. One that still runs with the same input is answered as started.
        """
        run_input = json.dumps({"enrolment_id": enrolment_id, "tenant_id": tenant_id})
        try:
            self.client.start_execution(stateMachineArn=self.machine_arn, name=name, input=run_input)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
            return False
        return True
