"""The data dictionary for a customer's IT is what the wire and the agent say, field by field and object by object."""

from edge.profiles.object_names import object_name
from edge.reading.allow_list import allow_list
from edge.snmp.oids import dotted
from local import dictionary
from local.dictionary_sources import SOURCES, UNSENT

FIELDS = {
    f"{model}.{field}": schema
    for _, model, document, _ in dictionary.fields()
    for field, schema in document["properties"].items()
}


def test_the_published_dictionary_is_what_the_code_says() -> None:
    assert dictionary.FILE.read_text(encoding="utf-8") == dictionary.text(), "run 'python -m local.dictionary'"


def test_every_field_says_what_it_is() -> None:
    assert [name for name, schema in FIELDS.items() if not schema.get("description")] == []


def test_every_field_says_where_it_is_from_or_holds_others_that_do() -> None:
    held = {name for name, schema in FIELDS.items() if "$ref" in str(schema) and name not in SOURCES}

    assert set(FIELDS) - set(SOURCES) - held == {"Upload.readings"}


def test_no_source_is_told_of_a_field_that_is_not_there() -> None:
    assert set(SOURCES) - set(FIELDS) == set()


def test_every_object_that_a_field_is_read_from_is_on_the_allow_list() -> None:
    listed = {entry.name for entry in allow_list()}
    named = {source for sources in SOURCES.values() for source in sources if not isinstance(source, str)}

    assert [dotted(name) for name in sorted(named | set(UNSENT)) if name not in listed] == []


def test_every_object_on_the_allow_list_has_one_purpose_told() -> None:
    sent = {source for sources in SOURCES.values() for source in sources}

    for entry in allow_list():
        told = [bool(entry.makers), entry.name in sent, entry.name in UNSENT]
        assert told.count(True) == 1, dotted(entry.name)


def test_every_standard_object_is_called_by_its_name() -> None:
    assert [dotted(entry.name) for entry in allow_list() if not entry.makers and not object_name(entry.name)] == []
