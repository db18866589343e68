"""One line of a benchmark: what was measured, beside what, and whether a target of the design is met."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What a row says of its target."""

    MET = "met"
    MISSED = "missed"
    NONE = ""
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Row:
    """A figure.

    Attributes:
        what: what was measured.
        value: the figure; None when it was left out.
        unit: of the figure and of ``beside``.
        beside: the same of something else, in the same run.
        beside_name: what that is.
        target: the target as the design has it, in words.
        verdict: whether it is met.
        note: how it was measured, or why it was left out.
    """

    what: str
    value: float | None
    unit: str = ""
    beside: float | None = None
    beside_name: str = ""
    target: str = ""
    verdict: Verdict = Verdict.NONE
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """``value`` over ``beside``; None where either is missing."""
        if self.value is None or not self.beside:
            return None
        return self.value / self.beside

    def as_data(self) -> dict[str, Any]:
        """JSON types, the ratio included."""
        return asdict(self) | {"verdict": self.verdict.value, "ratio": self.ratio}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Row":
        """The reverse of `as_data`."""
        fields = {name: value for name, value in data.items() if name != "ratio"}
        return cls(**fields | {"verdict": Verdict(fields["verdict"])})


def at_most(what: str, value: float, unit: str, limit: float, note: str = "") -> Row:
    """A figure that must not be above ``limit``."""
    verdict = Verdict.MET if value <= limit else Verdict.MISSED
    return Row(what, value, unit, target=f"≤ {limit:g} {unit}", verdict=verdict, note=note)


def ratio_at_most(what: str, value: float, unit: str, beside: tuple[str, float], limit: float, note: str = "") -> Row:
    """A figure that must not be above ``limit`` times another one of the same run."""
    name, other = beside
    verdict = Verdict.MET if other > 0 and value / other <= limit else Verdict.MISSED
    return Row(what, value, unit, other, name, f"≤ {limit:g} of {name}", verdict, note)


def is_true(what: str, *, holds: bool, target: str, note: str = "") -> Row:
    """A yes (1) or no (0)."""
    return Row(what, float(holds), "yes/no", target=target, verdict=Verdict.MET if holds else Verdict.MISSED, note=note)


def left_out(what: str, target: str, why: str) -> Row:
    """A figure that could not be measured here."""
    return Row(what, None, target=target, verdict=Verdict.LEFT_OUT, note=why)
