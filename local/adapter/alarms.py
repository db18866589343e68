"""Alarms on queues: their metric and the state that follows from it, worked out when asked for."""

import time
from typing import Any

from ministack.services import cloudwatch, sqs

_DEPTH = ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
_BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
    "GreaterThanThreshold": lambda value, limit: value > limit,
    "LessThanThreshold": lambda value, limit: value < limit,
    "LessThanOrEqualToThreshold": lambda value, limit: value <= limit,
}

Alarm = dict[str, Any]
# Untyped objects of the emulator that a patch hands on unread.
Foreign = Any


def raise_alarms_on_queue_depth() -> None:
    """Let an alarm on the depth of one queue go to ALARM, and back, when alarms are described.

    Symptom: no AWS/SQS metric is ever published, an alarm mixes the metrics of all queues
    (dimensions are ignored) and ``TreatMissingData`` is not read; so the alarm of a dead-letter
    queue cannot be shown to work. Metrics of AWS/SQS come from AWS, never from the application.

    Only the present depth counts: periods that lie in the past are not kept. Other alarms, and
    custom metrics from log lines, stay as the emulator has them.
    """
    evaluate = cloudwatch._evaluate_alarm  # noqa: SLF001  private on purpose: patched
    describe = cloudwatch._describe_alarms  # noqa: SLF001  private on purpose: patched

    def evaluate_depth(alarm: Alarm) -> None:
        if (alarm.get("Namespace"), alarm.get("MetricName")) != _DEPTH:
            evaluate(alarm)
            return
        state, reason = depth_alarm_state(alarm, queue_depths())
        _move(alarm, state, reason)

    def describe_evaluated(*request: Foreign) -> Foreign:
        cloudwatch._evaluate_all_alarms()  # noqa: SLF001  now, because nothing else will
        return describe(*request)

    cloudwatch._evaluate_alarm = evaluate_depth  # noqa: SLF001  the patch
    cloudwatch._describe_alarms = describe_evaluated  # noqa: SLF001  the patch


def queue_depths() -> dict[str, int]:
    """Return the visible messages of each queue of the calling account and region, by name."""
    depths = {}
    for queue in sqs._queues.values():  # noqa: SLF001  the emulator's store
        sqs._refresh_counts(queue)  # noqa: SLF001  counts are only right after this
        depths[queue["name"]] = int(queue["attributes"]["ApproximateNumberOfMessages"])
    return depths


def depth_alarm_state(alarm: Alarm, depths: dict[str, int]) -> tuple[str, str]:
    """Return the state of a queue-depth alarm and the reason for it.

    Args:
        alarm: As CloudWatch stores it: ``Dimensions`` (list of Name and Value), ``Threshold``,
            ``ComparisonOperator``, ``TreatMissingData``.
        depths: Visible messages by queue name.
    """
    names = [pair["Value"] for pair in _dimensions(alarm) if pair["Name"] == "QueueName"]
    depth = depths.get(names[0]) if len(names) == 1 else None
    if depth is None:
        missing = alarm.get("TreatMissingData") or "missing"
        states = {"breaching": "ALARM", "notBreaching": "OK", "ignore": alarm["StateValue"]}
        return states.get(missing, "INSUFFICIENT_DATA"), f"No data, treated as {missing}"
    operator, threshold = alarm["ComparisonOperator"], float(alarm["Threshold"])
    state = "ALARM" if _BREACHES[operator](depth, threshold) else "OK"
    return state, f"Threshold Crossed: {depth} {operator} {threshold}"


def _dimensions(alarm: Alarm) -> list[dict[str, str]]:
    found = alarm.get("Dimensions") or []
    if isinstance(found, dict):
        return [{"Name": name, "Value": value} for name, value in found.items()]
    return list(found)


def _move(alarm: Alarm, state: str, reason: str) -> None:
    before = alarm["StateValue"]
    if state == before:
        return
    alarm["StateValue"] = state
    alarm["StateReason"] = reason
    alarm["StateUpdatedTimestamp"] = int(time.time())
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)  # noqa: SLF001  its history
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)  # noqa: SLF001  its actions
    cloudwatch._evaluate_parent_alarms(alarm)  # noqa: SLF001  composite alarms follow
