import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import PrivacySettings
from edge.files import StateFolderError
from edge.site.masking import KEY_FILE, Masker, hiding, masking_key
from edge.snmp.fence import Fence
from shared.wire.reading import Alert, Identity, InputTray, MissingReason, PrinterReading, Status
from tests.support.edge_sending import NOON, a_reading, a_settings

KEY = bytes(range(32))
ALL = PrivacySettings(
    mask_addresses=True, mask_mac_addresses=True, mask_host_names=True, mask_locations=True, mask_console_text=True
)
MAC = "00:17:c8:a1:b2:c3"


def a_telling_reading(**fields: Any) -> PrinterReading:  # noqa: ANN401  any field of the reading
    told = {
        "address": "10.20.30.40",
        "identity": Identity(
            manufacturer="Acme",
            model="Laser 9",
            serial_number="SN-1",
            mac_address=MAC,
            host_name="NPIa1b2c3.corp.example",
            location="Room 12, Nightingale Ward",
            firmware="10.22.1.7",
            sys_descr="Acme Laser 9; IP 10.20.30.40; 0017C8A1B2C3; npiA1B2C3",
        ),
        "status": Status(device_status="running", console_text=["Ready", "Hello Ms Smith", "10.20.30.40"]),
        "inputs": [InputTray(index="1.1", name="Tray of Room 12, Nightingale Ward")],
        "alerts": [Alert(index="1.1", description="10.20.30.40 / 00-17-C8-A1-B2-C3: cover open, see 10.9.9.9")],
    }
    return a_reading().model_copy(update=told | fields)


def masker(privacy: PrivacySettings = ALL) -> Masker:
    return Masker(privacy, KEY, Fence())


def test_nothing_hidden_is_in_any_byte_of_the_reading() -> None:
    body = masker().masked(a_telling_reading()).model_dump_json().casefold()

    secrets = ("10.20.30.40", "10.9.9.9", MAC, "0017c8a1b2c3", "00-17-c8", "a1b2c3", "npi", "nightingale", "smith")
    assert [secret for secret in secrets if secret in body] == []


def test_what_identity_and_supplies_rest_on_is_as_it_was() -> None:
    reading = a_telling_reading()

    masked = masker().masked(reading)

    kept = ("reading_id", "taken_at", "counters", "supplies", "uptime_ticks", "heartbeat")
    assert {name: getattr(masked, name) for name in kept} == {name: getattr(reading, name) for name in kept}
    assert (masked.identity.manufacturer, masked.identity.model, masked.identity.serial_number) == (
        "Acme",
        "Laser 9",
        "SN-1",
    )
    assert masked.identity.firmware == "10.22.1.7"
    assert masked.status.device_status == "running"


def test_what_is_emptied_says_that_the_site_hides_it() -> None:
    masked = masker().masked(a_telling_reading())

    assert (masked.identity.location, masked.status.console_text) == (None, [])
    assert masked.missing == {"location": MissingReason.HIDDEN, "console_text": MissingReason.HIDDEN}


def test_a_pseudonym_is_the_same_each_time_and_another_at_another_site() -> None:
    first = masker().masked(a_telling_reading())
    later = masker().masked(a_telling_reading(taken_at=NOON + timedelta(days=9)))
    elsewhere = Masker(ALL, bytes(32), Fence()).masked(a_telling_reading())

    assert first.address is not None
    assert re.fullmatch(r"masked-[0-9a-f]{12}", first.address)
    assert (first.address, first.identity) == (later.address, later.identity)
    assert first.address != elsewhere.address
    assert first.identity.mac_address != elsewhere.identity.mac_address


def test_a_hidden_hardware_address_is_marked_as_locally_administered() -> None:
    mac_address = masker().masked(a_telling_reading()).identity.mac_address

    assert mac_address is not None
    assert mac_address != MAC
    assert int(mac_address[:2], 16) & 0b11 == 0b10


@pytest.mark.parametrize("address", ["10.20.30.40:1161", "[fd00::7]:1161", "[fd00::7]", "printer.corp.example:161"])
def test_a_port_stays_and_the_host_goes(address: str) -> None:
    masked = masker().masked(a_telling_reading(address=address)).address

    assert masked is not None
    assert re.fullmatch(r"masked-[0-9a-f]{12}(:\d+)?", masked)
    assert masked.rpartition(":")[2] in {"1161", "161", masked}


def test_each_switch_hides_its_own_and_nothing_else() -> None:
    reading = a_telling_reading()

    only_panel = masker(PrivacySettings(mask_console_text=True)).masked(reading)
    only_places = masker(PrivacySettings(mask_locations=True)).masked(reading)

    assert only_panel.identity == reading.identity
    assert only_panel.status.console_text == []
    assert only_places.address == reading.address
    assert only_places.identity.host_name == reading.identity.host_name
    assert "Nightingale" not in only_places.model_dump_json()


def test_a_host_name_is_hidden_as_an_address_too() -> None:
    masked = masker(PrivacySettings(mask_host_names=True)).masked(a_telling_reading(address="ward7.corp.example"))

    assert "ward7" not in masked.model_dump_json()


def test_a_printer_named_after_its_model_keeps_its_model() -> None:
    identity = Identity(manufacturer="Acme", model="Laser 9", serial_number="SN-1", host_name="Laser 9")

    masked = masker().masked(a_telling_reading(identity=identity))

    assert masked.identity.model == "Laser 9"
    assert masked.identity.host_name != "Laser 9"


def test_codes_are_not_taken_for_places() -> None:
    identity = Identity(serial_number="SN-1", location="running")

    assert masker().masked(a_telling_reading(identity=identity)).status.device_status == "running"


def test_with_every_switch_off_nothing_is_done_and_no_key_is_made(tmp_path: Path) -> None:
    assert hiding(a_settings(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


@given(text=st.text(max_size=255), host_name=st.text(max_size=255), location=st.text(max_size=255))
def test_any_texts_give_a_reading_again(text: str, host_name: str, location: str) -> None:
    identity = Identity(serial_number="SN-1", mac_address=MAC, host_name=host_name, location=location, sys_descr=text)

    masked = masker().masked(a_telling_reading(identity=identity))

    assert masked.identity.location in {None, location[:0]}
    assert masked.identity.serial_number == "SN-1"


def test_the_key_is_made_once_for_the_agents_user_only(tmp_path: Path) -> None:
    key = masking_key(tmp_path)

    assert masking_key(tmp_path) == key
    assert len(key) == 32
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0


def test_a_damaged_key_is_not_silently_replaced(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"short")

    with pytest.raises(StateFolderError, match="remove it"):
        masking_key(tmp_path)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("IP 192.168.001.005", "192.168.001.005"),
        ("no answer from 10.9.9.9.", "10.9.9.9"),
        ("...10.9.9.9...", "10.9.9.9"),
        ("router fd00::5: silent", "fd00::5"),
        ("IPv6:fd00::5", "fd00::5"),
        ("saw 0017.c8d4.e5f6.", "0017.c8d4.e5f6"),
    ],
)
def test_an_address_is_found_however_the_text_around_it_is_written(text: str, secret: str) -> None:
    told = a_telling_reading(alerts=[Alert(index="1.1", description=text)])

    [alert] = masker().masked(told).alerts or []

    assert secret not in (alert.description or "")


@pytest.mark.parametrize("text", ["at 12:30:45", "firmware 10.22.1.7.300", "v1.10.9.9.9", "::", "a::b::c"])
def test_what_only_looks_like_an_address_stays(text: str) -> None:
    told = a_telling_reading(alerts=[Alert(index="1.1", description=text)])

    [alert] = masker().masked(told).alerts or []

    assert alert.description == text


def test_an_address_has_one_pseudonym_however_it_is_written() -> None:
    told = a_telling_reading(alerts=[Alert(index="1.1", description="010.009.009.009 / 10.9.9.9.")])

    [alert] = masker().masked(told).alerts or []

    first, _, second = (alert.description or "").rstrip(".").partition(" / ")
    assert first == second
