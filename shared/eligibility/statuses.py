"""The nine statuses of ELG-01."""

from enum import StrEnum


class EligibilityStatus(StrEnum):
    """In order of precedence: the first that applies is the printer's status."""

    ALREADY_MANAGED = "already_managed"
    PENDING = "pending"
    REGISTRATION_FAILED = "registration_failed"
    MODEL_UNSUPPORTED = "model_unsupported"
    AGENT_DOWNLEVEL = "agent_downlevel"
    LPC_MISSING = "lpc_missing"
    LPC_EXCEEDED = "lpc_exceeded"
    NO_CONTACT = "no_contact"
    ELIGIBLE = "eligible"
