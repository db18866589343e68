"""Hides what the site does not want known, before a reading is compared, kept or sent. Pure but for the key's file."""

import hmac
import re
import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from edge.config.settings import AgentSettings, PrivacySettings
from edge.files import StateFolderError, write_private
from edge.snmp.addresses_in_text import with_addresses
from edge.snmp.fence import Fence
from edge.snmp.targets import is_address
from shared.wire.reading import MissingReason, PrinterReading

KEY_FILE: Final = "masking-key"
KEY_BYTES: Final = 32
_SHORTEST_SECRET: Final = 3
_MAC_DIGITS: Final = 12
_TAIL_DIGITS: Final = 6
_SHORT, _LONG = 64, 255  # the wire's bounds of texts

EXEMPT: Final = frozenset(
    "reading_id taken_at counters missing index supply supply_class supply_type supply_unit unit colorant part source"
    " refined_source level_state level_meaning meaning input_type output_type part_number serial_number severity"
    " training_level group device_status printer_status detected_errors detected_error_octets manufacturer model"
    " firmware sys_object_id mac_address".split()
)
"""Fields that are no free text: codes, numbers, and what identity and arithmetic rest on. Every other one, and each
that is added, is searched for what is to be hidden."""

_MAC: Final = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![0-9a-f])"
    r"|(?<![0-9a-f])(?<![0-9a-f]\.)[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?!\.?[0-9a-f])",
    re.IGNORECASE,
)


def masking_key(state_dir: Path) -> bytes:
    """The site's own key for pseudonyms; made once. It never leaves: without it a pseudonym tells nothing.

    Safe to repeat: a key that is there is used as it is.

    Raises:
        StateFolderError: It can be neither read nor made.
    """
    path = state_dir / KEY_FILE
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = secrets.token_bytes(KEY_BYTES)
        write_private(path, key)
    except OSError as error:
        raise StateFolderError(f"{path} cannot be read ({error.strerror}): give it back to the agent's user") from error
    if len(key) != KEY_BYTES:
        raise StateFolderError(f"{path} is damaged: remove it; addresses then get other pseudonyms than before")
    return key


def hiding(settings: AgentSettings) -> Callable[[PrinterReading], PrinterReading] | None:
    """What is done to each reading of this site; None when nothing is hidden.

    Raises:
        StateFolderError: The site's key can be neither read nor made.
    """
    if not any(settings.privacy.model_dump().values()):
        return None
    return Masker(settings.privacy, masking_key(settings.state_dir), settings.network.fence()).masked


class Masker:
    """Makes readings without what ``[privacy]`` hides. The same value always has the same pseudonym at this site.

    A printer stays one printer: its serial number is not hidden, and a hidden hardware address becomes one that is
    marked as locally administered (IEEE 802), the same each time.

    Args:
        privacy: what to hide.
        key: the site's key, of `masking_key`.
        fence: addresses inside it are the site's, wherever a text names them.
    """

    def __init__(self, privacy: PrivacySettings, key: bytes, fence: Fence) -> None:
        self._privacy = privacy
        self._key = key
        self._fence = fence

    def masked(self, reading: PrinterReading) -> PrinterReading:
        """The reading without what is hidden; a field that is emptied says so in ``missing``."""
        values = reading.model_dump()
        scrub = self._scrubber(reading)
        _each_text(values, scrub)
        self._whole_fields(values, reading)
        return PrinterReading.model_validate(values)

    def pseudonym(self, value: str) -> str:
        """``masked-`` and twelve hex digits: the same for the same value, and of no use without the key."""
        return f"masked-{self._digest(value.casefold()).hex()[:12]}"

    def _whole_fields(self, values: dict[str, Any], reading: PrinterReading) -> None:
        privacy, identity = self._privacy, values["identity"]
        hidden: list[str] = []
        if reading.address is not None and (
            privacy.mask_addresses or (privacy.mask_host_names and not is_address(_host_of(reading.address)))
        ):
            host = _host_of(reading.address)
            values["address"] = self.pseudonym(host) + reading.address.partition(host)[2].removeprefix("]")
        if privacy.mask_mac_addresses and reading.identity.mac_address:
            identity["mac_address"] = self._local_mac(reading.identity.mac_address)
        if privacy.mask_host_names and reading.identity.host_name:
            identity["host_name"] = self.pseudonym(reading.identity.host_name)
        if privacy.mask_locations and reading.identity.location:
            identity["location"] = None
            hidden.append("location")
        if privacy.mask_console_text and reading.status.console_text:
            values["status"]["console_text"] = []
            hidden.append("console_text")
        values["missing"] |= dict.fromkeys(hidden, MissingReason.HIDDEN)

    def _scrubber(self, reading: PrinterReading) -> Callable[[str], str]:
        """What is done to a free text of this reading."""
        steps = [re.compile(re.escape(text), re.IGNORECASE) for text in self._own_words(reading)]

        def scrub(text: str) -> str:
            for pattern in steps:
                text = pattern.sub(lambda found: self.pseudonym(found[0]), text)
            if self._privacy.mask_mac_addresses:
                text = _MAC.sub(lambda found: self._local_mac(_with_colons(found[0])), text)
            if self._privacy.mask_addresses:
                text = with_addresses(text, self._hidden_address)
            return text

        return scrub

    def _own_words(self, reading: PrinterReading) -> list[str]:
        """This printer's host name, location and hardware address as they may stand inside a text, longest first."""
        identity, words = reading.identity, set[str]()
        if self._privacy.mask_mac_addresses and identity.mac_address:
            digits = identity.mac_address.replace(":", "")
            words |= {identity.mac_address, digits, digits[-_TAIL_DIGITS:]}
        if self._privacy.mask_addresses and reading.address:
            words.add(_host_of(reading.address))
        if self._privacy.mask_host_names:
            words |= {identity.host_name or "", (identity.host_name or "").partition(".")[0]}
            if reading.address and not is_address(_host_of(reading.address)):
                words |= {_host_of(reading.address), _host_of(reading.address).partition(".")[0]}
        if self._privacy.mask_locations:
            words.add(identity.location or "")
        said = " ".join(filter(None, (identity.manufacturer, identity.model))).casefold()
        # A host name or place that is only the model's own name hides nothing.
        secret = (word for word in map(str.strip, words) if len(word) >= _SHORTEST_SECRET)
        return sorted((word for word in secret if word.casefold() not in said), key=len, reverse=True)

    def _hidden_address(self, address: str) -> str | None:
        return self.pseudonym(address) if self._fence.allows(address) else None

    def _local_mac(self, mac_address: str) -> str:
        octets = bytearray(self._digest(mac_address.casefold())[:6])
        octets[0] = octets[0] & 0xFC | 0x02  # one device's, locally administered
        return octets.hex(":")

    def _digest(self, value: str) -> bytes:
        return hmac.digest(self._key, value.encode(), sha256)


def _each_text(values: dict[str, Any], scrub: Callable[[str], str]) -> None:
    """Scrub every text below ``values``, in place, within the bound that it met before."""
    for name, value in values.items():
        if name in EXEMPT:
            continue
        values[name] = _scrubbed(value, scrub)


def _scrubbed(value: Any, scrub: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON value
    if type(value) is str:  # an enumeration's member is no text
        return scrub(value)[: _SHORT if len(value) <= _SHORT else _LONG]
    if isinstance(value, list):
        return [_scrubbed(each, scrub) for each in value]
    if isinstance(value, dict):
        _each_text(value, scrub)
    return value


def _host_of(address: str) -> str:
    """The host of an address with or without a port, as `edge.snmp.targets.Target` writes it."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address if is_address(address) else address.rpartition(":")[0] or address


def _with_colons(text: str) -> str:
    digits = re.sub(r"[^0-9a-f]", "", text.casefold())
    return ":".join(digits[at : at + 2] for at in range(0, _MAC_DIGITS, 2))
