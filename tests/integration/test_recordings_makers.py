"""What the recordings' own makers' objects say is what their oracle, and the library that it quotes, make of them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.cli.main import app
from edge.profiles.makers import load_profiles, profiles_in_use
from edge.snmp.oids import parse_oid
from shared.wire.reading import MakerSupply, PrinterReading
from tests.integration.test_recordings import FOLDER, PATHS, oracle, readings

pytestmark = pytest.mark.skipif(not PATHS, reason="no recordings; name their folder with WALKS")

PARTS = {
    "toner": "ink_or_toner",
    "ink": "ink_or_toner",
    "drum": "drum",
    "belt_unit": "belt",
    "fuser": "fuser",
    "fuser_unit": "fuser",
    "laser": "laser",
    "laser_unit": "laser",
    "pf_kit_1": "paper_feed_kit_1",
    "pf_kit_mp": "paper_feed_kit_mp",
}
"""The library's words for Brother's parts, and the profile's."""
FIELDS = {
    "remaining": "percent",
    "remaining_life": "percent",
    "remaining_pages": "pages_left",
    "counter": "pages_done",
    "status": "status",
}
COARSE = 15
"""The library's ``black_toner`` is in steps of ten points, beside ``black_toner_remaining``."""
EXCEPTIONS = {
    ("brother_hl-2270dw_ent", "page_counter"): "its counter block is missing: the library reads prtMarkerLifeCount",
    ("brother_dcp-j132w_ent", "page_counter"): "checked as total_impressions",
}


def sensors() -> Iterator[tuple[str, str, int | str]]:
    """What the Brother library's tests expect of these recordings: recording, sensor, value."""
    for name, walk in oracle().items():
        expected = walk.get("elsewhere", {}).get("bieniu_brother", {}).get("sensors", {})
        yield from ((name, sensor, value) for sensor, value in expected.items())


def split(sensor: str) -> tuple[str | None, str, str]:
    """Colour, part and field of a sensor's name, as ``black_toner_remaining``."""
    colour = next((each for each in ("black", "cyan", "magenta", "yellow") if sensor.startswith(f"{each}_")), None)
    rest = sensor.removeprefix(f"{colour}_")
    part = next(each for each in sorted(PARTS, key=len, reverse=True) if rest.startswith(each))
    return colour, PARTS[part], rest.removeprefix(part).lstrip("_")


def part_of(reading: PrinterReading, part: str, colour: str | None) -> MakerSupply:
    [found] = [item for item in reading.maker_supplies or [] if (item.part, item.colorant) == (part, colour)]
    return found


def test_every_value_that_the_brother_library_expects_is_read() -> None:
    seen = 0
    for name, sensor, value in sensors():
        reading = readings()[name][0]
        if sensor == "status":
            continue  # the panel's text in the device's language; the standard console text is read instead
        if sensor == "page_counter":
            counts = {counter.name: counter.value for counter in reading.counters or []}
            assert value in (counts.get("total_impressions"), counts.get("life_count")), (name, sensor)
        elif sensor in {"bw_counter", "color_counter"}:
            counter = reading.counter("mono_impressions" if sensor == "bw_counter" else "color_impressions")
            assert counter is not None
            assert counter.value == value
        else:
            colour, part, field = split(sensor)
            item = part_of(reading, part, colour)
            if field:
                assert getattr(item, FIELDS[field]) == value, (name, sensor)
            else:
                assert item.percent is not None
                assert abs(item.percent - int(value)) < COARSE, (name, sensor)
            assert item.confirmed
        seen += 1

    assert seen > 40


VENDOR_NAMES = {
    "print_mono": "print_mono_impressions",
    "copy_mono": "copy_mono_impressions",
    "fax_mono": "fax_impressions",
    "scan_copy": "copy_scan_count",
    "scan_fax": "fax_scan_count",
    "scan_other": "kyocera.other_scan_count",
    "scan_total": "scan_count",
    "print_color": "print_color_impressions",
    "copy_color": "copy_color_impressions",
    "print_full_color": "print_color_impressions",
    "copy_full_color": "copy_color_impressions",
    "prints_total_a": "epson.label_impressions",
    "sharp:1.4.61": "print_mono_impressions",
    "sharp:1.4.63": "print_color_impressions",
    "sharp:4.4.60": "copy_impressions",
    "sharp:4.4.61": "copy_mono_impressions",
    "sharp:4.4.63": "copy_color_impressions",
    "sharp:7.4.51": "scan_mono_count",
    "sharp:7.4.53": "scan_color_count",
    "sharp:8.4.50": "sharp.hdd_scan_count",
    "sharp:6.4.70": "sharp.feeder_count",
}
RENAMED = {("konica_bizhub-c250i", "scan_total"): "konica_minolta.scan_count"}
"""Sources disagree on it: it carries the maker's name."""


def test_every_vendor_counter_of_the_oracle_by_function_and_colour_is_read() -> None:
    checked = 0
    for name, walk in oracle().items():
        for key, told in walk.get("vendor_counters", {}).items():
            ours = RENAMED.get((name, key)) or VENDOR_NAMES.get(key)
            if ours is None:
                continue
            counter = readings()[name][0].counter(ours)
            assert counter is not None, (name, key)
            assert counter.value == told["value"], (name, key)
            checked += 1

    assert checked > 20


def test_functions_and_colours_and_sizes_add_up_on_the_devices_that_tell_them() -> None:
    kyocera, sharp = (
        {counter.name: counter.value for counter in readings()[name][0].counters or []}
        for name in ("kyocera_cs-4053ci", "sharp_mx-3570n")
    )

    for counts in (kyocera, sharp):
        assert counts["print_mono_impressions"] + counts["print_color_impressions"] == counts["print_impressions"]
        assert counts["copy_mono_impressions"] + counts["copy_color_impressions"] == counts["copy_impressions"]
    assert kyocera["large_impressions"] == 3_498
    assert (
        sharp["print_impressions"] + sharp["copy_impressions"] + sharp["sharp.other_impressions"]
        == sharp["mono_impressions"] + sharp["color_impressions"]
    )


def test_a_special_level_says_what_the_maker_means() -> None:
    def meanings(name: str) -> dict[str, str]:
        return {row.index: row.level_meaning for row in readings()[name][0].supplies or [] if row.level_meaning}

    assert meanings("lexmark_mx711_t1") == meanings("lexmark_mx711_t2") == {"1.1": "low"}
    assert meanings("lexmark_mx711_t3") == {}
    assert meanings("hp_lj-m712_t2") == {"1.1": "refilled"}
    assert meanings("sharp_mx-3100n_t1") == {"1.5": "not_metered"}


def test_what_is_missing_of_every_recording_has_a_reason() -> None:
    identity = ("model", "serial_number", "mac_address", "firmware", "host_name", "location", "asset_tag")
    for name, (reading, _) in readings().items():
        absent = {field for field in identity if getattr(reading.identity, field) is None}
        assert absent <= set(reading.missing), name
        assert set(reading.missing.values()) <= {"not_supported"}, name


@pytest.mark.parametrize("loaded", profiles_in_use(), ids=lambda loaded: loaded.file)
def test_profile_check_works_on_every_recording_of_its_maker(loaded: Any) -> None:  # noqa: ANN401 - what parametrize gives
    file = f"edge/profiles/makers/{loaded.file}"
    makers = {name: walk["vendor"].casefold() for name, walk in oracle().items()}
    mine = [path for path in PATHS if makers.get(path.stem) == loaded.profile.manufacturer.casefold()]

    for path in mine:
        result = CliRunner().invoke(app, ["profile", "check", file, "--walk", str(path), "--json"])
        told = json.loads(result.stdout)
        known = told["recognised"] and told["reading"]["identity"]["model"] is not None
        assert result.exit_code == (0 if known else 1), path
        assert told["recognised"] or told["taken_by"] in {other.profile.name for other in profiles_in_use()}, path
    assert FOLDER.is_dir()


NOT_READ = {
    "1347.47.6.1.1": "the job log: titles and users",
    "1347.47.6.1.1.4": "the job log: titles and users",
    "1347.47.6.1.1.12": "the job log: titles and users",
    "683.1.5": "the serial number of a print server, another device",
    "367.3.2.1.2.19.5.1.5": "the row's name in the printer's language: its type says the same",
}
_GROUP = re.compile(r"(\d{3,5}(?:\.\d+)+)\.\{([^}]*)\}")
_OBJECT = re.compile(r"(?<![\d.])(\d{3,5}(?:\.\d+){3,})")


def listed_objects() -> Iterator[str]:
    """What `vendor-oids.md` lists, below 1.3.6.1.4.1, as far as it is written out."""
    for row in (FOLDER / "vendor-oids.md").read_text("utf-8").splitlines():
        if row.startswith("| ") and not row.startswith(("| vendor", "| ---")):
            objects = row.split("|")[2]
            yield from (found.removesuffix(".0") for found in _OBJECT.findall(re.sub(r"\{[^}]*\}", "", objects)))
            for root, group in _GROUP.findall(objects):
                members = [member for each in group.split(",") for member in each.split()[0].rstrip("…").split("/")]
                yield from (f"{root}.{member}" for member in members)


def test_every_object_that_is_known_of_a_maker_is_read_but_those_that_must_not_be() -> None:
    read = [
        name for profile in load_profiles() for name in (*profile.oids(), *profile.columns(), profile.identify or ())
    ]

    def is_read(listed: str) -> bool:
        wanted = parse_oid(f"1.3.6.1.4.1.{listed}")
        return any(name[: len(wanted)] == wanted or (name and wanted[: len(name)] == name) for name in read)

    listed = list(dict.fromkeys(listed_objects()))

    assert len(listed) > 60
    assert [each for each in listed if not is_read(each)] == [each for each in listed if each in NOT_READ]
