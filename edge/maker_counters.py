"""A maker's own counters, as its profile tells to read them: single objects, sums, tables that label their rows."""

from collections.abc import Iterator
from typing import Final

from edge import oids
from edge.answers import Answers
from edge.identity import source_number
from edge.profiles import CounterSource, CounterTable, LabelledCounter, Profile
from edge.snmp_codec import Oid
from edge.text import line_or_none
from shared.wire.reading import Counter

_COUNTER_END: Final = 2**63


def maker_counters(answers: Answers, profile: Profile) -> Iterator[Counter]:
    """The counters of a profile that the printer told. A sum without one of its parts is not told."""
    for source in profile.counters:
        value = _sum_of(answers, source)
        if value is not None:
            whence = oids.dotted(source.oid) + (f" and {len(source.add)} more" if source.add else "")
            yield Counter(name=source.name, value=value, unit=source.unit, source=whence)
    for table in profile.counter_tables:
        labels = _labels(answers, table)
        for counter in table.counters:
            value = _labelled_sum(answers, table, counter, labels)
            if value is not None:
                whence = oids.dotted(table.value_column)
                yield Counter(name=counter.name, value=value, unit=counter.unit, source=whence)


def keep_named_rows(answers: Answers, profile: Profile) -> None:
    """Forget the rows of self-labelling tables that no counter names, so that they are not asked for again."""
    for table in profile.counter_tables:
        wanted = {label.casefold() for counter in table.counters for label in counter.labels}
        kept = {index for label, indexes in _labels(answers, table).items() if label in wanted for index in indexes}
        for column in (table.label_column, table.value_column):
            rows = answers.columns.pop(column, {})
            for index in kept & rows.keys():
                answers.put(column, index, rows[index])


def _sum_of(answers: Answers, source: CounterSource) -> int | None:
    values = [source_number(answers, source), *(answers.number(name, ()) for name in source.add)]
    told = [value for value in values if value is not None and value >= 0]
    return _bounded(sum(told)) if len(told) == len(values) else None


def _labelled_sum(
    answers: Answers, table: CounterTable, counter: LabelledCounter, labels: dict[str, list[Oid]]
) -> int | None:
    """Each label counts once, by its first row: a label that comes twice would count its sides twice."""
    first, *others = (labels.get(label.casefold(), [])[:1] for label in counter.labels)
    values = [answers.number(table.value_column, index) for rows in (first, *others) for index in rows]
    told = [value for value in values if value is not None and value >= 0]
    return _bounded(sum(told)) if first and len(told) == len(values) else None


def _labels(answers: Answers, table: CounterTable) -> dict[str, list[Oid]]:
    """Row indexes by what the rows say they count, in lower case; a number as its digits."""
    found: dict[str, list[Oid]] = {}
    for index in sorted(answers.column(table.label_column)):
        number = answers.number(table.label_column, index)
        text = str(number) if number is not None else line_or_none(answers.octets(table.label_column, index))
        if text:
            found.setdefault(text.casefold(), []).append(index)
    return found


def _bounded(value: int) -> int | None:
    return value if value < _COUNTER_END else None
