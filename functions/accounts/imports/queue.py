"""The queue of contact imports: a message names an import and holds nothing of its file."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class ImportQueue:
    """`Work` in SQS."""

    url: str
    client: "SQSClient"

    def send(self, tenant_id: str, import_id: str) -> None:
        """Ask for the import to be gone on with; safe to repeat: a worker that finds nothing to do does nothing."""
        body = json.dumps({"tenant_id": tenant_id, "import_id": import_id})
        try:
            self.client.send_message(QueueUrl=self.url, MessageBody=body)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("queue_busy", "The import could not be begun; send the file again.") from error
