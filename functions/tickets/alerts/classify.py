"""From an alert row to what it asks for: class, delay, call (ALR-06, ALR-07). Pure."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from functions.tickets.alerts.codes import CODE_RULES, GROUP_RULES, CodeRule, Delay
from functions.tickets.alerts.overrides import override_of
from functions.tickets.table.models import AlertClass, CallType, Family
from shared.wire.reading import Alert

_UNKNOWN: Final = CodeRule("unknown", AlertClass.TRI, Delay(timedelta(minutes=30)), 4, AlertClass.TRI)
_FIELD_SERVICE_FAILURE: Final = CodeRule("other", AlertClass.TECH, Delay(timedelta(minutes=30)), 3, AlertClass.TECH)
_FINISHER_CODES: Final = range(30203, 31839)
_FINISHER_GENERIC: Final = range(3, 39)
_CALL_TYPES: Final = {
    AlertClass.TECH: CallType.CORRECTIVE,
    AlertClass.TRI: CallType.PHONE_FIX,
    AlertClass.MNT: CallType.PREVENTIVE,
}
_THERMAL_CODES: Final = frozenset({35, 36, 38, 1001, 1002, 1003, 1004})
_PAPER_GROUPS: Final = frozenset({"input", "output", "mediaPath", "cover"})
_SUPPLY_GROUPS: Final = frozenset({"markerSupplies", "markerColorant"})
_FINISHER_GROUPS: Final = frozenset({"finDevice", "finSupply", "finSupplyMediaInput", "finAttribute"})
_NEVER_DISPATCHED: Final = frozenset({13, 23, 503, 807, 808, 809, 810})
"""Paper, sleep and power-up stay what they are, whatever training level a maker gives them."""
_MEDIA_CHANGES: Final = frozenset(range(802, 807))


@dataclass(frozen=True, slots=True)
class Classification:
    """What an alert asks for. ``delay`` None: it never opens a call."""

    name: str
    alert_class: AlertClass
    family: Family
    delay: Delay | None = None
    priority: int | None = None
    call_type: CallType | None = None


def classify(alert: Alert, manufacturer: str | None = None) -> Classification:
    """The class of an alert: what its maker is known to mean, else its code, group and training level (ALR-06).

    A description never lowers a class, and an unknown code goes to triage, never nowhere. A preventive call
    (MNT) opens only where the maker says that a technician does the work (training level fieldService);
    what a customer replaces is the supplies context's.
    """
    code, group = _generic(alert.code, alert.group)
    override = override_of(alert, manufacturer)
    rule = _rule(alert, code, group)
    rule = CodeRule(rule.name, override.alert_class) if override else _by_training(alert, code, rule)
    if rule.call_class is AlertClass.MNT and alert.training_level != "fieldService":
        rule = replace(rule, delay=None, priority=None, call_class=None)
    return Classification(
        name=rule.name,
        alert_class=rule.alert_class,
        family=_family(code, group),
        delay=rule.delay,
        priority=rule.priority,
        call_type=_CALL_TYPES.get(rule.call_class) if rule.call_class else None,
    )


def may_open_call(alert: Alert) -> bool:
    """False for an alert that by itself never opens a call, however long it stays."""
    return classify(alert).delay is not None


def logical_key(alert: Alert) -> str:
    """What makes two rows the same problem although a power cycle gave them new indexes (ALR-04)."""
    return f"{alert.group or '-'}:{alert.group_index}:{alert.location}:{alert.code}"


def _generic(code: int | None, group: str | None) -> tuple[int | None, str | None]:
    """A finisher's code as the generic one it stands for (ALR-07)."""
    if code is not None and code in _FINISHER_CODES and code % 100 in _FINISHER_GENERIC:
        return code % 100, "finDevice"
    return code, group


def _rule(alert: Alert, code: int | None, group: str | None) -> CodeRule:
    if code in GROUP_RULES:
        by_group = GROUP_RULES[code]
        return by_group.get(group or "", by_group[""])
    if code == 1:
        return _other(alert, group)
    if not code:
        # Code 0 with no severity is how some makers list "sleep" or "idle": nothing is wrong.
        return CodeRule("unassigned(0)", AlertClass.INFO) if alert.severity != "critical" else _UNKNOWN
    if code in _MEDIA_CHANGES and alert.severity != "critical":
        return CodeRule(CODE_RULES[code].name, AlertClass.INFO)
    return CODE_RULES.get(code) or replace(_UNKNOWN, name=f"unassigned({code})")


def _other(alert: Alert, group: str | None) -> CodeRule:
    """Code other(1): the group and the training level are all that is known."""
    if group in _SUPPLY_GROUPS:
        return CodeRule("other", AlertClass.SUP)
    if alert.severity == "critical":
        return replace(_UNKNOWN, name="other")
    return CodeRule("other", AlertClass.INFO)


def _by_training(alert: Alert, code: int | None, rule: CodeRule) -> CodeRule:
    """Step 3 of ALR-06: fieldService raises OP, INFO and code 29 to a technician; untrained lowers triage."""
    raised = {AlertClass.OP, AlertClass.INFO, AlertClass.TRI}
    if alert.training_level == "fieldService" and rule.alert_class in raised and code not in _NEVER_DISPATCHED:
        return replace(_FIELD_SERVICE_FAILURE, name=rule.name, delay=rule.delay or _FIELD_SERVICE_FAILURE.delay)
    if alert.training_level == "untrained" and rule.alert_class is AlertClass.TRI and code in {1, 2, 29}:
        return CodeRule(rule.name, AlertClass.OP)
    return rule


def _family(code: int | None, group: str | None) -> Family:
    if group in _FINISHER_GROUPS:
        return Family.FINISHER
    if code in _THERMAL_CODES:
        return Family.FUSER_THERMAL
    if group in _PAPER_GROUPS or code == 8:  # noqa: PLR2004 - jam(8)
        return Family.PAPER_PATH
    if group in _SUPPLY_GROUPS:
        return Family.SUPPLIES
    if group == "marker":
        return Family.IMAGE_QUALITY
    return Family.ELECTRONICS
