"""Rows of prtInputTable, prtOutputTable and prtCoverTable as wire trays, bins and covers; special values kept."""

from edge.reading.plan import COVER_COLUMNS, INPUT_COLUMNS, OUTPUT_COLUMNS
from edge.reading.rows import wire_index
from edge.reading.text import text_or_none
from edge.snmp import oids
from edge.snmp.answers import Answers
from shared.wire.printer_mib import COVER_STATUS, INPUT_TYPE, MEDIA_UNIT, OUTPUT_TYPE, name_of
from shared.wire.reading import MAX_ROWS, Cover, InputTray, OutputBin


def inputs_of(answers: Answers, character_set: int | None) -> list[InputTray]:
    """The trays in table order."""
    return [
        InputTray(
            index=name,
            name=text_or_none(answers.octets(oids.PRT_INPUT_NAME, index), character_set),
            description=text_or_none(answers.octets(oids.PRT_INPUT_DESCRIPTION, index), character_set),
            input_type=name_of(INPUT_TYPE, answers.number(oids.PRT_INPUT_TYPE, index)),
            media=text_or_none(answers.octets(oids.PRT_INPUT_MEDIA_NAME, index), character_set),
            unit=name_of(MEDIA_UNIT, answers.number(oids.PRT_INPUT_CAPACITY_UNIT, index)),
            max_capacity=answers.number(oids.PRT_INPUT_MAX_CAPACITY, index),
            current_level=answers.number(oids.PRT_INPUT_CURRENT_LEVEL, index),
            status=answers.number(oids.PRT_INPUT_STATUS, index),
        )
        for index in answers.indexes(INPUT_COLUMNS)[:MAX_ROWS]
        if (name := wire_index(index)) is not None
    ]


def outputs_of(answers: Answers, character_set: int | None) -> list[OutputBin]:
    """The bins in table order."""
    return [
        OutputBin(
            index=name,
            name=text_or_none(answers.octets(oids.PRT_OUTPUT_NAME, index), character_set),
            description=text_or_none(answers.octets(oids.PRT_OUTPUT_DESCRIPTION, index), character_set),
            output_type=name_of(OUTPUT_TYPE, answers.number(oids.PRT_OUTPUT_TYPE, index)),
            unit=name_of(MEDIA_UNIT, answers.number(oids.PRT_OUTPUT_CAPACITY_UNIT, index)),
            max_capacity=answers.number(oids.PRT_OUTPUT_MAX_CAPACITY, index),
            remaining_capacity=answers.number(oids.PRT_OUTPUT_REMAINING_CAPACITY, index),
            status=answers.number(oids.PRT_OUTPUT_STATUS, index),
        )
        for index in answers.indexes(OUTPUT_COLUMNS)[:MAX_ROWS]
        if (name := wire_index(index)) is not None
    ]


def covers_of(answers: Answers, character_set: int | None) -> list[Cover]:
    """The covers in table order."""
    return [
        Cover(
            index=name,
            description=text_or_none(answers.octets(oids.PRT_COVER_DESCRIPTION, index), character_set),
            status=name_of(COVER_STATUS, answers.number(oids.PRT_COVER_STATUS, index)),
        )
        for index in answers.indexes(COVER_COLUMNS)[:MAX_ROWS]
        if (name := wire_index(index)) is not None
    ]
