"""The queue of work: a message names a delivery or a replay and holds nothing of its event."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.webhooks.table.models import Delivery, Replay
from shared.observability import failure, logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class DispatchQueue:
    """`Dispatch` in SQS. Its tenant is a message's group: a fair queue hands out first those of tenants that wait."""

    url: str
    client: "SQSClient"

    def send(self, work: Delivery | Replay, *, delay_seconds: int = 0) -> None:
        """Ask for it to be gone on with. Safe to repeat, and to fail: the sweep finds what is due."""
        named = {"replay_id": work.replay_id} if isinstance(work, Replay) else {"delivery_id": work.delivery_id}
        body = json.dumps({"tenant_id": work.tenant_id, "webhook_id": work.webhook_id, **named})
        try:
            self.client.send_message(
                QueueUrl=self.url, MessageBody=body, DelaySeconds=delay_seconds, MessageGroupId=work.tenant_id
            )
        except (BotoCoreError, ClientError) as error:
            logger("webhooks").warning("dispatch left to the sweep", webhook_id=work.webhook_id, **failure(error))
