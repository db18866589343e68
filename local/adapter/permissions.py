"""What a call is checked against when the emulator evaluates IAM policies (``AUTH=true``)."""

import contextvars
import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import stepfunctions

# Untyped objects of the emulator that a patch hands on unread.
Foreign = Any

_machine_of_this_task: contextvars.ContextVar[str] = contextvars.ContextVar("machine", default="*")


def check_batch_send_as_send() -> None:
    """Check ``SendMessageBatch`` as the action ``sqs:SendMessage``.

    Symptom: a role granted ``sqs:SendMessage`` is denied its batch form, which AWS authorizes by
    the same action (there is no IAM action of the batch's name). A policy naming
    ``sqs:SendMessageBatch`` to please the emulator would be wrong on AWS.
    """
    extract = iam_actions.extract_iam_action

    def action(*request: Foreign) -> str | None:
        found: str | None = extract(*request)
        return "sqs:SendMessage" if found == "sqs:SendMessageBatch" else found

    iam_actions.extract_iam_action = action


def check_task_answers_against_their_machine() -> None:
    """Check ``states:SendTask*`` against the state machine whose task holds the token.

    Symptom: the call is checked against ``*``, so a role granted these actions on its one machine
    is denied; AWS accepts the machine's ARN (aws-cdk issue 8486). Granting ``*`` would break the
    least privilege that the template tests hold.
    """
    extract = iam_actions.extract_resource_arn
    execute_task = stepfunctions._execute_task  # noqa: SLF001  private on purpose: patched
    invoke = stepfunctions._invoke_with_callback  # noqa: SLF001  private on purpose: patched
    machine_of_token: dict[str, str] = {}

    def remember_machine(state: Foreign, data: Foreign, execution: Foreign, context: Foreign) -> Foreign:
        mark = _machine_of_this_task.set(execution["stateMachineArn"] if execution else "*")
        try:
            return execute_task(state, data, execution, context)
        finally:
            _machine_of_this_task.reset(mark)

    def remember_token(resource: str, data: Foreign, token: str, state: Foreign) -> Foreign:
        machine_of_token[token] = _machine_of_this_task.get()
        try:
            return invoke(resource, data, token, state)
        finally:
            machine_of_token.pop(token, None)

    def resource(service: str, *request: Foreign) -> str:
        arn: str = extract(service, *request)
        if service == "states" and arn == "*":
            body = request[3]  # after method, path and headers
            return machine_of_token.get(_task_token(body), arn)
        return arn

    stepfunctions._execute_task = remember_machine  # noqa: SLF001  the patch
    stepfunctions._invoke_with_callback = remember_token  # noqa: SLF001  the patch
    iam_actions.extract_resource_arn = resource


def _task_token(body: bytes) -> str:
    try:
        return str(json.loads(body or b"{}").get("taskToken", ""))
    except (ValueError, AttributeError):
        return ""
