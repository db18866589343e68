"""Which printer models the programme supports, and up to what lifetime count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

WILDCARD: Final = "*"


def folded(text: str) -> str:
    """A name as it is compared: case-folded, single spaces."""
    return " ".join(text.split()).casefold()


class SupportedModel(Protocol):
    """A model of the programme: exact name, or a beginning that ends in ``*``."""

    @property
    def manufacturer(self) -> str:
        """The maker's name."""
        ...

    @property
    def model(self) -> str:
        """The name or pattern."""
        ...

    @property
    def max_lifetime_count(self) -> int:
        """The highest lifetime count that the programme takes."""
        ...


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The programme's models: pattern and highest lifetime count by manufacturer, all in compared form."""

    models: Mapping[str, Sequence[tuple[str, int]]]

    @classmethod
    def of(cls, models: Iterable[SupportedModel]) -> Self:
        """The catalogue of these models."""
        by_manufacturer: dict[str, list[tuple[str, int]]] = {}
        for model in models:
            entry = (folded(model.model), model.max_lifetime_count)
            by_manufacturer.setdefault(folded(model.manufacturer), []).append(entry)
        return cls(by_manufacturer)

    def max_lifetime_count(self, manufacturer: str | None, model: str | None) -> int | None:
        """The highest lifetime count the programme takes, or None when it knows no such model.

        An exact name goes before a pattern ending in ``*``, a longer pattern before a shorter one. Printers that
        write their maker's name before the model are found too.
        """
        if not manufacturer or not model:
            return None
        maker, name = folded(manufacturer), folded(model)
        names = (name, name.removeprefix(f"{maker} "))
        matching = [entry for entry in self.models.get(maker, ()) if any(_matches(entry[0], one) for one in names)]
        return max(matching, key=_precision)[1] if matching else None


def _matches(pattern: str, name: str) -> bool:
    if pattern.endswith(WILDCARD):
        return name.startswith(pattern.removesuffix(WILDCARD))
    return name == pattern


def _precision(entry: tuple[str, int]) -> tuple[bool, int]:
    pattern, _ = entry
    return not pattern.endswith(WILDCARD), len(pattern)
