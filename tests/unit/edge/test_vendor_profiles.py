"""What each maker's profile makes of its objects. The numbers are made up, the objects are of published sources."""

from collections.abc import Sequence
from typing import Any

import pytest

from edge.profiles.makers import load_profiles, profiles_in_use
from edge.recordings.profile_check import yielded
from shared.wire.reading import PrinterReading
from tests.support.edge import NOON
from tests.support.recordings import records, rows_with

PROFILES = {profile.name: profile for profile in load_profiles()}
DESCR, OBJECT_ID = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0"
PRIVATE = "1.3.6.1.4.1"
SUPPLY = "1.3.6.1.2.1.43.11.1.1"

Cells = dict[str, int | str | bytes]


def reading(name: str, cells: Cells, descr: str = "?") -> PrinterReading:
    return yielded(PROFILES[name], rows_with({DESCR: descr} | cells), now=NOON).reading


def counters(found: PrinterReading) -> dict[str, int]:
    return {counter.name: counter.value for counter in found.counters or []}


def below(root: str, cells: dict[str, Any]) -> Cells:
    return {f"{PRIVATE}.{root}.{name}": value for name, value in cells.items()}


def supply_row(index: int, description: str, *, kind: int = 3, capacity: int = -2, level: int = -3) -> Cells:
    columns: dict[int, int | str] = {4: 3, 5: kind, 6: description, 7: 13, 8: capacity, 9: level}
    return {f"{SUPPLY}.{column}.1.{index}": value for column, value in columns.items()}


BROTHER = "2435.2.3.9.4.2.1.5.5"


def four(number: int) -> bytes:
    return number.to_bytes(4, "big")


def test_brother_says_what_is_left_where_the_standard_row_only_says_some() -> None:
    block = records((0x6F, four(7700)), (0x70, four(100)), (0x80, four(9100)), (0x69, four(5600)))
    cells = below(BROTHER, {"8.0": block, "11.0": records((0x88, four(44_000)))})
    rows = supply_row(1, "Black Toner Cartridge") | supply_row(2, "Cyan Toner Cartridge")
    rows |= supply_row(3, "Belt Unit", kind=20, capacity=100_000, level=56_000)

    found = reading("Brother", cells | rows, "Brother NC-8800w")
    black, cyan, belt = found.supplies or []

    assert [(row.percent, row.level, row.max_capacity) for row in (black, cyan)] == [(77.0, -3, -2), (1.0, -3, -2)]
    assert (belt.percent, belt.refined_percent) == (56.0, None)
    parts = {(item.part, item.colorant): item for item in found.maker_supplies or []}
    assert (parts["belt", None].percent, parts["belt", None].pages_left, parts["belt", None].supply) == (
        56.0,
        44_000,
        "1.3",
    )
    assert (parts["drum", "black"].percent, parts["drum", "black"].confirmed) == (91.0, False)


def test_brother_ink_models_have_no_drum_whatever_they_send() -> None:
    block = records((0x41, four(9300)), (0x11, four(879)), (0xA1, b"\x04\x14"))
    cells = below(BROTHER, {"8.0": block})
    model = {f"{PRIVATE}.2435.2.3.9.1.1.7.0": "MFG:Brother;MDL:MFC-J680DW;"}

    found = reading("Brother", cells | model, "Brother NC-340")

    assert [(item.part, item.percent) for item in found.maker_supplies or []] == [("ink_or_toner", 20.0)]


def test_brother_counts_by_colour_carry_its_name_until_they_are_confirmed() -> None:
    block = records((0, four(100)), (1, four(60)), (2, four(40)), *((code, four(code)) for code in (6, *range(18, 23))))

    assert counters(reading("Brother", below(BROTHER, {"10.0": block}))) == {
        "total_impressions": 100,
        "mono_impressions": 60,
        "color_impressions": 40,
        "brother.duplex_count": 6,
        "brother.black_impressions": 18,
        "brother.cyan_impressions": 19,
        "brother.magenta_impressions": 20,
        "brother.yellow_impressions": 21,
        "brother.image_count": 22,
    }


def lexmark_rows(table: str, rows: Sequence[tuple[int, ...]]) -> Cells:
    """Rows of a table of Lexmark's: the columns from the second on."""
    cells = {f"{c}.1.{r}": value for r, row in enumerate(rows, 1) for c, value in enumerate(row, 2)}
    return below(f"641.6.4.{table}", cells)


def test_lexmark_counts_only_what_its_unit_says_are_sides() -> None:
    paper = [(1, 5, 900), (2, 4, 1000), (3, 4, 700), (4, 4, 300), (16, 4, 600), (17, 5, 7), (32, 4, 350), (48, 4, 50)]
    scans = [(1, 68, 10, 10), (1, 8, 5, 5), (257, 68, 3, 3), (3, 68, 100, 100)]
    events = [(97, 3, 12), (96, 3, 40), (1, 3, 5)]
    cells = lexmark_rows("2.1.1", paper) | lexmark_rows("3.1.1", scans) | lexmark_rows("1.1.1", events)

    assert counters(reading("Lexmark", cells)) == {
        "total_impressions": 1000,
        "mono_impressions": 700,
        "color_impressions": 300,
        "print_impressions": 600,
        "copy_impressions": 350,
        "fax_impressions": 50,
        "lexmark.sheets_picked": 900,
        "jam_count": 12,
        "lexmark.faxes_sent": 40,
        "scan_count": 118,
        "copy_scan_count": 18,
    }


def test_lexmark_tells_a_low_cartridges_number_and_its_serial_number() -> None:
    cells = below(
        "641.6.4.4.1.1",
        {
            "3.1.1": 6,
            "4.1.1": "black",
            "6.1.1": "CAB123",
            "7.1.1": "62D4H00",
            "12.1.1": 4,
            "14.1.1": 25_000,
            "16.1.1": 1_250,
        },
    )

    [toner] = reading("Lexmark", cells | supply_row(1, "Toner preto", capacity=25_000)).supplies or []

    assert (toner.level, toner.percent, toner.level_meaning) == (-3, 5.0, "low")
    assert (toner.serial_number, toner.part_number) == ("CAB123", "62D4H00")


def test_lexmark_tells_firmware_and_asset_tag() -> None:
    cells = below("641.2.1.2.1", {"4.1": "LW62.TU.P636", "7.1": "IT-0042"})

    identity = reading("Lexmark", cells, "Lexmark MX711 version NH62 kernel 3").identity

    assert (identity.firmware, identity.asset_tag, identity.model) == ("LW62.TU.P636", "IT-0042", "MX711")
    assert reading("Lexmark", {}, "Lexmark MX711 version NH62 kernel 3").identity.firmware == "NH62"


def test_samsung_adds_up_all_sizes_of_a_kind_and_colour() -> None:
    rows = [(1, 5, 3, 100), (1, 20, 3, 7), (1, 5, 1, 40), (2, 5, 3, 30), (3, 5, 3, 9), (5, 5, 1, 77), (6, 5, 3, 1)]
    columns = {2: 0, 3: 1, 6: 2, 7: 3}
    cells = {f"{c}.1.{n}": row[at] for n, row in enumerate(rows, 1) for c, at in columns.items()}

    found = counters(reading("Samsung", below("236.11.5.11.53.11.2.1", cells)))

    assert found == {
        "samsung.print_impressions": 147,
        "samsung.print_mono_impressions": 107,
        "samsung.print_color_impressions": 40,
        "samsung.copy_impressions": 30,
        "samsung.copy_mono_impressions": 30,
        "samsung.fax_impressions": 9,
        "samsung.report_impressions": 1,
        "samsung.mono_impressions": 147,
        "samsung.color_impressions": 40,
        "samsung.scan_count": 77,
    }


def test_ricoh_low_toner_is_low_and_no_number_and_its_counters_carry_its_name() -> None:
    types = [10, 200, 201, 202, 203, 300, 301, 400, 401, 402, 403, 870, 871, 999]
    cells = below("367.3.2.1.2.19.5.1", {f"2.{n}": kind for n, kind in enumerate(types, 1)})
    cells |= below("367.3.2.1.2.19.5.1", {f"9.{n}": kind for n, kind in enumerate(types, 1)})
    toner = below("367.3.2.1.2.24.1.1", {"3.1": "Black Toner", "5.1": 30, "3.2": "青色碳粉", "5.2": -100})
    rows = supply_row(1, "Black Toner") | supply_row(2, "青色碳粉")

    found = reading("Ricoh", cells | toner | rows)
    black, cyan = found.supplies or []
    counted = counters(found)

    assert (counted["ricoh.total_impressions"], counted["ricoh.copy_color_impressions"]) == (10, 405)
    assert counted["ricoh.mono_impressions"] == 201 + 301 + 401
    assert all(name.startswith("ricoh.") for name in counted)
    assert (black.percent, black.refined_percent, black.level_state) == (None, 30.0, "some")
    assert (cyan.percent, cyan.refined_percent, cyan.level_meaning) == (None, None, "low")


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        (
            "HP",
            below("11.2.3.9.4.2.1.1.16.1.44", {"1.1.0": 5, "2.1.0": 6, "1.2.0": 7, "2.2.0": 8, "1.3.0": 9}),
            {
                "hp.equivalent_print_mono": 5,
                "hp.equivalent_print_color": 6,
                "hp.equivalent_copy_mono": 7,
                "hp.equivalent_copy_color": 8,
                "hp.equivalent_fax_mono": 9,
            },
        ),
        (
            "Xerox",
            below("253.8.53.13.2.1.6", {"1.20.1": 9, "1.20.44": 2, "11.20.3": 3, "10.20.12": 4}),
            {
                "xerox.total_impressions": 9,
                "xerox.large_mono_impressions": 2,
                "xerox.copy_mono_impressions": 3,
                "xerox.network_scan_count": 4,
            },
        ),
        (
            "Toshiba",
            below(
                "1129.2.3.50.1.3.21.6.1", {"3.1.1": 99, **{f"{s}.1.{c}": s + c for s in (209, 211) for c in (1, 2, 3)}}
            ),
            {"toshiba.total_impressions": 99, "toshiba.large_impressions": 3 * 209 + 3 * 211 + 12},
        ),
        ("OKI", below("2001.1.1.1.1.100.1.1.1.3", {"1": 12}), {"oki.total_impressions": 12}),
        ("Pantum", below("40093.6.4", {"1": 12}), {"pantum.total_impressions": 12}),
        (
            "Epson",
            below("1248.1.2.2.27", {"1.1.30.1.1": 9, "6.1.4.1.1.2": 5, "6.1.5.1.1.2": 2}),
            {"epson.total_impressions": 9, "epson.copy_impressions": 5, "epson.copy_color_impressions": 2},
        ),
        (
            "Zebra",
            below("10642.200.17", {"2.0": "302318", "3.0": "555719 INCHES, 1411527 CENTIMETERS"}),
            {"zebra.label_count": 302_318, "zebra.printed_length": 1_411_527},
        ),
        ("Canon", below("1602.1.11.1.3.1.4", {"301": 5, "112": 3}), {"canon.counter_112": 3, "canon.counter_301": 5}),
        (
            "Konica Minolta",
            below("18334.1.1.1.5.7.2", {"1.1.0": 9, "3.1.5.1": 4}),
            {"konica_minolta.total_impressions": 9, "konica_minolta.scan_count_table": 4},
        ),
    ],
)
def test_a_makers_counters_are_read_under_their_names(name: str, cells: Cells, expected: dict[str, int]) -> None:
    assert counters(reading(name, cells)) == expected


@pytest.mark.parametrize(
    ("name", "descr", "cells", "field", "value"),
    [
        ("Samsung", "Samsung ML-2850 Series OS 1.01.15.47;S/N JFJ18GK983", {}, "serial_number", "JFJ18GK983"),
        ("Samsung", "Samsung ML-2850 Series OS 1.01.15.47 02-10-2010", {}, "firmware", "1.01.15.47"),
        ("Pantum", "Pantum M6500W series", below("40093", {"6.1.2": "CG3S"}), "serial_number", "CG3S"),
        ("Pantum", "Pantum M6500W series", {}, "model", "M6500W"),
        ("HP", "HP ETHERNET", below("11.2.3.9.4.2.1.1.3", {"12.0": "\x01\x15IT-7"}), "asset_tag", "IT-7"),
        ("HP", "HP ETHERNET", below("11.2.3.9.4.2.1.1.3", {"12.0": "0000"}), "asset_tag", None),
        ("Xerox", "Xerox Color 570;System 55.40.61,ESS1.208.6", {}, "firmware", "55.40.61"),
        ("Xerox", "Xerox WorkCentre 6605DN; Network 90.66, Controller 20", {}, "firmware", "90.66"),
        (
            "Toshiba TEC label printers",
            "TOSHIBA TEC B-EV4",
            below("1129.1.2.1.1.1.1", {"1.0": "9X"}),
            "serial_number",
            "9X",
        ),
        ("TSC", "TTP244CE Version: 7.02 EZD", {}, "firmware", "7.02 EZD"),
        ("Zebra", "ZTC ZT411", below("683.1.5", {"0": "PRINTSERVER1"}), "serial_number", None),
    ],
)
def test_who_a_printer_is_its_profile_tells(name: str, descr: str, cells: Cells, field: str, value: str | None) -> None:
    assert getattr(reading(name, cells, descr).identity, field) == value


def test_a_refilled_hp_cartridge_is_told_as_such_and_its_level_stays_unknown() -> None:
    [toner] = reading("HP", supply_row(1, "Black Cartridge", kind=21, capacity=100, level=-2)).supplies or []

    assert (toner.level_state, toner.percent, toner.level_meaning) == ("unknown", None, "refilled")


def test_every_name_from_the_dictionary_is_vouched_for() -> None:
    for profile in load_profiles():
        named = profile.named_counters()
        assert [each.name for each in named if "." not in each.name and not each.claim.trusted] == []
        assert [each.name for each in named if "." in each.name and not each.name.startswith(maker(profile.name))] == []


def maker(name: str) -> str:
    return "_".join(name.lower().split()[: 2 if name.startswith("Konica") else 1]) + "."


def test_each_makers_file_has_a_name_of_its_own() -> None:
    loaded = profiles_in_use()

    assert len({each.profile.name for each in loaded}) == len({each.file for each in loaded}) == len(loaded) >= 20
