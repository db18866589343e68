"""Who the printer is: manufacturer, model, serial number and the rest, from standard and private objects."""

import re
from collections.abc import Iterator
from typing import Final

from edge.profiles.makers import GENERIC, Profile, brand_of, brand_pattern, profile_for
from edge.reading.maker_values import texts_of
from edge.reading.text import MAX_SHORT_TEXT, line_or_none, text_or_none
from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid
from shared.wire.reading import Identity

_NO_SERIAL: Final = re.compile(r"[0Xx?.\-]*|unknown|none|n/?a|not set|no serial.*", re.IGNORECASE)
_MAC_OCTETS: Final = 6
_MAX_OBJECT_ID: Final = 128


def profile_of(answers: Answers) -> Profile | None:
    """The maker's profile, as far as the probe tells it; None when nothing does."""
    return profile_for(
        object_id(answers),
        line_or_none(answers.octets(oids.SYS_DESCR)),
        line_or_none(answers.octets(oids.HR_DEVICE_DESCR, answers.device_index)),
    )


def object_id(answers: Answers) -> Oid | None:
    """The printer's sysObjectID; None when it has none or sends 0.0."""
    value = answers.cell(oids.SYS_OBJECT_ID)
    return value if isinstance(value, tuple) and value != (0, 0) else None


def identity_of(answers: Answers, profile: Profile | None, character_set: int | None) -> Identity:
    """The printer's identity. What it does not tell stays None; nothing is guessed.

    Args:
        answers: what the printer answered.
        profile: its maker's profile.
        character_set: prtLocalizationCharacterSet in effect.
    """
    known = profile or GENERIC
    sys_object_id = object_id(answers)
    dotted = oids.dotted(sys_object_id) if sys_object_id else None
    model_text = next(_model_texts(answers, known, character_set), None)
    serial_number = next(_serial_numbers(answers, known), None)
    return Identity(
        manufacturer=_manufacturer(answers, profile, model_text),
        model=_product_name(model_text, known) if model_text else None,
        serial_number=serial_number[:MAX_SHORT_TEXT] if serial_number else None,
        mac_address=_mac_address(answers),
        firmware=_firmware(answers, known),
        host_name=line_or_none(answers.octets(oids.SYS_NAME), character_set),
        location=line_or_none(answers.octets(oids.SYS_LOCATION), character_set),
        asset_tag=_asset_tag(answers, known),
        sys_descr=text_or_none(answers.octets(oids.SYS_DESCR), character_set),
        sys_object_id=dotted if dotted and len(dotted) <= _MAX_OBJECT_ID else None,
    )


def _manufacturer(answers: Answers, profile: Profile | None, model_text: str | None) -> str | None:
    branded = brand_of(line_or_none(answers.octets(oids.SYS_DESCR))) or brand_of(model_text)
    if branded is not None:
        return branded[1]
    return profile.manufacturer if profile else None


def _model_texts(answers: Answers, profile: Profile, character_set: int | None) -> Iterator[str]:
    if profile.model_first:
        yield from texts_of(answers, profile.model)
    device = line_or_none(answers.octets(oids.HR_DEVICE_DESCR, answers.device_index), character_set)
    if device:
        yield device
    yield from texts_of(answers, profile.model)
    descr = line_or_none(answers.octets(oids.SYS_DESCR), character_set) or ""
    match = profile.descr_model.search(descr) if profile.descr_model else None
    if match:
        yield match[1]
    name = line_or_none(answers.octets(oids.PRT_GENERAL_PRINTER_NAME, answers.device_index), character_set)
    if name and brand_of(name):  # without a brand it is as likely the host name
        yield name


def _product_name(text: str, profile: Profile) -> str:
    name = brand_pattern().sub("", text, count=1).strip() if brand_of(text) else text
    for pattern in profile.model_patterns:
        match = pattern.search(name)
        if match:
            return match[1]
    return name or text


def _serial_numbers(answers: Answers, profile: Profile) -> Iterator[str]:
    standard = line_or_none(answers.octets(oids.PRT_GENERAL_SERIAL_NUMBER, answers.device_index))
    for text in (standard, *texts_of(answers, profile.serial_number)):
        if text and not _NO_SERIAL.fullmatch(text):
            match = profile.serial_pattern.search(text) if profile.serial_pattern else None
            yield match[1] if match else text
    match = (
        profile.descr_serial.search(line_or_none(answers.octets(oids.SYS_DESCR)) or "")
        if profile.descr_serial
        else None
    )
    if match:
        yield match[1]


def _firmware(answers: Answers, profile: Profile) -> str | None:
    text = next(texts_of(answers, profile.firmware), None)
    if text is None and profile.descr_firmware is not None:
        match = profile.descr_firmware.search(line_or_none(answers.octets(oids.SYS_DESCR)) or "")
        text = match[1] if match else None
    return text


def _asset_tag(answers: Answers, profile: Profile) -> str | None:
    return next((text for text in texts_of(answers, profile.asset_tag) if not _NO_SERIAL.fullmatch(text)), None)


def _mac_address(answers: Answers) -> str | None:
    """The first interface address that is one: loopback interfaces answer an empty or zero one."""
    for _, octets in sorted(answers.column(oids.IF_PHYS_ADDRESS).items()):
        if isinstance(octets, bytes) and len(octets) == _MAC_OCTETS and any(octets):
            return octets.hex(":")
    return None
