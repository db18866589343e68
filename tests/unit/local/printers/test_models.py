import pytest

from local.printers import oids
from local.printers.device import PrinterModel, Purpose, printer_rows
from local.printers.fleet import model_printer
from local.printers.models.catalogue import MODELS
from local.printers.rows import INTEGER_RANGE, MibView, Tag
from local.printers.supplies import RECEPTACLE
from shared.wire import printer_mib
from tests.support.printers import HandClock

names = [model.model for model in MODELS]


def test_the_fleet_has_enough_models_of_enough_makers_and_every_part_is_cast_once() -> None:
    answering = [model for model in MODELS if not model.silent]

    assert len({model.model for model in answering}) >= 10
    assert len({model.manufacturer for model in answering}) >= 6
    assert sorted(model.purpose for model in MODELS if model.purpose) == sorted(Purpose)
    assert sum(model.silent for model in MODELS) == 1


def test_no_two_printers_share_a_serial_number_or_a_mac() -> None:
    for identifiers in ([model.serial for model in MODELS], [model.mac for model in MODELS]):
        told = [identifier for identifier in identifiers if identifier is not None]
        assert len(told) == len(set(told))


@pytest.mark.parametrize("model", MODELS, ids=names)
def test_every_row_is_valid_and_means_something_in_the_standard(model: PrinterModel) -> None:
    view = model_printer(model, clock=HandClock()).view()

    for oid in view:
        value = view.get(oid)
        assert value is not None
        if value.tag in INTEGER_RANGE:
            lowest, highest = INTEGER_RANGE[value.tag]
            assert isinstance(value.content, int)
            assert lowest <= value.content <= highest
        if value.tag is Tag.OCTET_STRING:
            assert isinstance(value.content, bytes)
            assert len(value.content) <= 255
    named = {
        oids.PRT_MARKER_SUPPLIES_CLASS: printer_mib.SUPPLY_CLASS,
        oids.PRT_MARKER_SUPPLIES_TYPE: printer_mib.SUPPLY_TYPE,
        oids.PRT_MARKER_SUPPLIES_SUPPLY_UNIT: printer_mib.SUPPLY_UNIT,
        (*oids.PRT_MARKER_ENTRY, 3): printer_mib.COUNTER_UNIT,
        (*oids.PRT_INPUT_ENTRY, 2): printer_mib.INPUT_TYPE,
        (*oids.PRT_OUTPUT_ENTRY, 2): printer_mib.OUTPUT_TYPE,
        oids.PRT_COVER_STATUS: printer_mib.COVER_STATUS,
        (*oids.PRT_ALERT_ENTRY, 2): printer_mib.ALERT_SEVERITY,
        (*oids.PRT_ALERT_ENTRY, 3): printer_mib.ALERT_TRAINING,
        (*oids.PRT_ALERT_ENTRY, 4): printer_mib.ALERT_GROUP,
        oids.HR_DEVICE_STATUS: printer_mib.DEVICE_STATUS,
        oids.HR_PRINTER_STATUS: printer_mib.PRINTER_STATUS,
    }
    unnamed = [
        (column, value.content)
        for column, names_ in named.items()
        for _, value in view.below(column)
        if value.content not in names_
    ]
    assert unnamed == []


@pytest.mark.parametrize("model", MODELS, ids=names)
def test_a_colorant_a_supply_refers_to_is_in_the_colorant_table(model: PrinterModel) -> None:
    assert all(supply.colorant <= len(model.colorants) for supply in model.supplies)


def test_the_quirks_a_reader_must_survive_are_all_there() -> None:
    with_quirk = {
        "no serial but MAC": {m.model for m in MODELS if m.serial is None and m.mac},
        "neither serial nor MAC nor pages": {
            m.model for m in MODELS if not m.serial and not m.mac and not m.life_count
        },
        "capacity unknown in percent": {
            m.model for m in MODELS for s in m.supplies if s.capacity == -2 and s.unit == 19 and s.percent is not None
        },
        "some remains": {m.model for m in MODELS for s in m.supplies if s.level(s.percent) == -3},
        "receptacle": {m.model for m in MODELS for s in m.supplies if s.supply_class == RECEPTACLE},
        "tenths of grams": {m.model for m in MODELS for s in m.supplies if s.unit == 13},
        "impressions": {m.model for m in MODELS for s in m.supplies if s.unit == 7},
        "sheets": {m.model for m in MODELS if m.counter_unit == 8},
        "over the maximum": {m.model for m in MODELS if (m.life_count or 0) > 900_000},
        "not in the programme": {m.model for m in MODELS if not m.in_programme},
        "jam": {m.model for m in MODELS for a in m.alerts if (a.group, a.code) == (13, 8)},
        "cover open": {m.model for m in MODELS for a in m.alerts if (a.group, a.code) == (6, 3)},
        "paper empty": {m.model for m in MODELS for a in m.alerts if (a.group, a.code) == (8, 808)},
    }

    assert [quirk for quirk, models in with_quirk.items() if not models] == []


def test_a_jam_and_an_open_cover_set_their_error_bits() -> None:
    shown = {}
    for model in MODELS:
        value = model_printer(model, clock=HandClock()).view().get((*oids.HR_PRINTER_DETECTED_ERROR_STATE, 1))
        assert value is not None
        assert isinstance(value.content, bytes)
        shown[model.model] = printer_mib.detected_errors(value.content)

    assert shown["HL Demo L6400"] == ["jammed"]
    assert shown["IM Demo C3000"] == ["doorOpen"]
    assert shown["bizhub Demo C360"] == ["noPaper", "inputTrayEmpty"]
    assert shown["MX Demo 700"] == []


def test_a_printer_that_does_not_know_leaves_the_row_out() -> None:
    label = next(model for model in MODELS if model.manufacturer == "Zebra")
    view = MibView(printer_rows(label))

    assert not view.has_below(oids.PRT_GENERAL_SERIAL_NUMBER)
    assert not view.has_below(oids.PRT_MARKER_LIFE_COUNT)
    assert [value.content for _, value in view.below(oids.IF_PHYS_ADDRESS)] == [b""]
