import json
from pathlib import Path

import pytest

from local.printers.device import Purpose
from local.printers.recorded import cast_recordings, recorded_printers
from local.printers.recording import RecordingError
from tests.support.printers import HandClock


def record(folder: Path, name: str, *, serial: str | None, pages: int | None, toner: bool = False) -> None:
    lines = ["1.3.6.1.2.1.1.3.0|67|100", f"1.3.6.1.2.1.25.3.2.1.3.1|4|{name} printer"]
    if serial is not None:
        lines.append(f"1.3.6.1.2.1.43.5.1.1.17.1|4|{serial}")
    if pages is not None:
        lines.append(f"1.3.6.1.2.1.43.10.2.1.4.1.1|65|{pages}")
    if toner:
        lines.append("1.3.6.1.2.1.43.11.1.1.5.1.1|2|21")
    (folder / f"{name}.snmprec").write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record(tmp_path, "busy", serial="S1", pages=90_000)
    record(tmp_path, "calm", serial="S2", pages=500)
    record(tmp_path, "middle", serial="S3", pages=7_000)
    record(tmp_path, "nameless", serial=None, pages=10)
    record(tmp_path, "uncounted", serial="S4", pages=None)
    record(tmp_path, "twice_t1", serial="S5", pages=20)
    record(tmp_path, "twice_t2", serial="S5", pages=30)
    return tmp_path


def test_every_recording_becomes_a_printer_with_what_its_rows_say(folder: Path) -> None:
    printers = recorded_printers(folder, clock=HandClock(), community="public")

    assert [printer.name for printer in printers] == sorted(path.stem for path in folder.glob("*.snmprec"))
    assert (printers[0].identity.model, printers[0].identity.serial) == ("busy printer", "S1")
    assert printers[3].identity.serial is None


def test_the_oracle_of_the_folder_knows_better(folder: Path) -> None:
    told = {"vendor": "Maker", "model": "M1", "identity": {"serial": "S1-0", "serial_without_vendor_suffix": "S1"}}
    (folder / "oracle.json").write_text(json.dumps({"walks": {"busy": told}}))

    identity = recorded_printers(folder, clock=HandClock(), community="public")[0].identity

    assert (identity.manufacturer, identity.model, identity.serial) == ("Maker", "M1", "S1")


def test_a_broken_oracle_is_named(folder: Path) -> None:
    (folder / "oracle.json").write_text("[]")

    with pytest.raises(RecordingError, match=r"oracle\.json: not an oracle"):
        recorded_printers(folder, clock=HandClock(), community="public")


def test_only_recordings_that_can_be_told_apart_and_count_play_a_part(folder: Path) -> None:
    cast = cast_recordings(recorded_printers(folder, clock=HandClock(), community="public"))

    assert {purpose: printer.name for purpose, printer in cast.items()} == {
        Purpose.SUPPLIES_ORDER: "calm",
        Purpose.FUSER_FAILURE: "middle",
        Purpose.PAPER_EMPTY: "busy",
    }


def test_a_printer_with_toner_orders_rather_than_one_used_less(folder: Path) -> None:
    record(folder, "laser", serial="S6", pages=80_000, toner=True)

    cast = cast_recordings(recorded_printers(folder, clock=HandClock(), community="public"))

    assert cast[Purpose.SUPPLIES_ORDER].name == "laser"
    assert cast[Purpose.FUSER_FAILURE].name == "calm"


def test_the_one_that_breaks_was_well_before(folder: Path) -> None:
    with (folder / "middle.snmprec").open("a") as recording:
        recording.write("1.3.6.1.2.1.43.18.1.1.2.1.5|2|4\n")

    cast = cast_recordings(recorded_printers(folder, clock=HandClock(), community="public"))

    assert cast[Purpose.FUSER_FAILURE].name == "busy"


def test_a_recording_merged_of_several_devices_plays_no_part(folder: Path) -> None:
    merged = {"identity_reliable": False, "identity": {"serial": "S2"}}
    (folder / "oracle.json").write_text(json.dumps({"walks": {"calm": merged}}))

    with pytest.raises(RecordingError, match="only 2 recordings"):
        cast_recordings(recorded_printers(folder, clock=HandClock(), community="public")[:3])


def test_the_one_that_orders_prints_and_its_toner_falls(folder: Path) -> None:
    clock = HandClock()
    actor = cast_recordings(recorded_printers(folder, clock=clock, community="public"))[Purpose.SUPPLIES_ORDER]
    before = (actor.life_count or 0, actor.percent(1) or 0.0)

    clock.pass_time(days=1)

    assert (actor.life_count or 0) > before[0]
    assert (actor.percent(1) or 0.0) < before[1]


def test_a_folder_with_too_few_of_them_is_refused(tmp_path: Path) -> None:
    record(tmp_path, "only", serial="S1", pages=1)

    with pytest.raises(RecordingError, match="only 1 recordings"):
        cast_recordings(recorded_printers(tmp_path, clock=HandClock(), community="public"))
