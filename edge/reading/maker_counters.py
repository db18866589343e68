"""A maker's own counters, as its profile tells to read them: single objects, sums, tables that label their rows."""

from collections.abc import Iterator
from typing import Final

from edge.profiles.makers import CounterSource, CounterTable, LabelledCounter, Profile
from edge.reading.maker_values import number_of
from edge.reading.text import line_or_none
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid
from shared.wire.reading import Counter

_COUNTER_END: Final = 2**63
_BETWEEN: Final = "/"

Labels = dict[Oid, str]
"""What each row says that it counts, in lower case; the words of several label columns joined."""


def maker_counters(answers: Answers, profile: Profile) -> Iterator[Counter]:
    """The counters of a profile that the printer told. A sum without one of its parts is not told.

    Of several entries with one name the first that is told counts.
    """
    told: set[str] = set()
    for counter in _told(answers, profile):
        if counter.name not in told:
            told.add(counter.name)
            yield counter


def keep_named_rows(answers: Answers, profile: Profile) -> None:
    """Forget the rows of self-labelling tables that no counter names, so that they are not asked for again."""
    for table in profile.counter_tables:
        labels = _labels(answers, table)
        wanted = [label for counter in table.counters for label in counter.labels]
        kept = {index for label in wanted for index in _rows(labels, label)}
        for column in (*table.label_columns, table.value_column):
            rows = answers.columns.pop(column, {})
            for index in kept & rows.keys():
                answers.put(column, index, rows[index])


def _told(answers: Answers, profile: Profile) -> Iterator[Counter]:
    for source in profile.counters:
        value = _sum_of(answers, source, profile)
        if value is not None:
            whence = oids.dotted(source.oid)
            whence += f" record {source.record:02x}" if source.record is not None else ""
            whence += f" and {len(source.add)} more" if source.add else ""
            yield Counter(name=source.name, value=value, unit=source.unit, source=whence)
    for table in profile.counter_tables:
        labels = _labels(answers, table)
        for counter in table.counters:
            value = _labelled_sum(answers, table, counter, labels)
            if value is not None:
                whence = oids.dotted(table.value_column)
                yield Counter(name=counter.name, value=value, unit=counter.unit, source=whence)


def _sum_of(answers: Answers, source: CounterSource, profile: Profile) -> int | None:
    values = [number_of(answers, source, profile), *(answers.number(name, ()) for name in source.add)]
    told = [value for value in values if value is not None and value >= 0]
    return _bounded(sum(told)) if len(told) == len(values) else None


def _labelled_sum(answers: Answers, table: CounterTable, counter: LabelledCounter, labels: Labels) -> int | None:
    """The rows of a counter's labels, added up.

    Each label counts once, by its first row: one that comes twice would count its sides twice. In a table whose rows
    of one label differ in something else (``every_row``) all of them count.
    """
    rows = [_rows(labels, label) for label in counter.labels]
    if not (rows[0] if counter.needs == "first" else any(rows)):
        return None
    counted = {index for found in rows for index in (found if table.every_row else found[:1])}
    values = [answers.number(table.value_column, index) for index in sorted(counted)]
    told = [value for value in values if value is not None and value >= 0]
    return _bounded(sum(told)) if len(told) == len(values) else None


def _rows(labels: Labels, label: str) -> list[Oid]:
    """The rows with a label, in table order."""
    return [index for index, said in labels.items() if said == label.casefold()]


def _labels(answers: Answers, table: CounterTable) -> Labels:
    found: Labels = {}
    for index in answers.indexes(table.label_columns):
        words = [_word(answers, column, index) for column in table.label_columns]
        if all(words):
            found[index] = _BETWEEN.join(word for word in words if word).casefold()
    return found


def _word(answers: Answers, column: Oid, index: Oid) -> str | None:
    """A label's text; a number as its digits."""
    number = answers.number(column, index)
    return str(number) if number is not None else line_or_none(answers.octets(column, index))


def _bounded(value: int) -> int | None:
    return value if value < _COUNTER_END else None
