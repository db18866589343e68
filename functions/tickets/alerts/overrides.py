"""What a maker is known to mean by an alert, before any table is asked (ALR-06 step 1). Data; add a row, not code."""

from dataclasses import dataclass
from typing import Final

from functions.tickets.table.models import AlertClass
from shared.wire.reading import Alert

UNDER_TEMPERATURE: Final = frozenset({35, 1001})


@dataclass(frozen=True, slots=True)
class Override:
    """Alerts of a maker that ask for something else than their code says.

    ``manufacturer`` is compared without regard to case; ``descriptions`` are the texts it applies to, whole, where
    an empty one stands for no text. ``why`` says what was seen.
    """

    manufacturer: str
    codes: frozenset[int]
    severities: frozenset[str]
    descriptions: frozenset[str]
    alert_class: AlertClass
    why: str

    def applies(self, alert: Alert, manufacturer: str | None) -> bool:
        """True when the alert is one that this row speaks of."""
        return (
            (manufacturer or "").casefold() == self.manufacturer
            and alert.code in self.codes
            and alert.severity in self.severities
            and (alert.description or "").strip() in self.descriptions
        )


OVERRIDES: Final = (
    Override(
        manufacturer="kyocera",
        codes=UNDER_TEMPERATURE,
        severities=frozenset({"warning", "warningBinaryChangeEvent"}),
        descriptions=frozenset({""}),
        alert_class=AlertClass.INFO,
        why="listed without a text for as long as the fuser rests: energy saving, not a fault",
    ),
)


def override_of(alert: Alert, manufacturer: str | None) -> Override | None:
    """The row that speaks of the alert, or None."""
    return next((override for override in OVERRIDES if override.applies(alert, manufacturer)), None)
