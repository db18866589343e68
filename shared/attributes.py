"""Items in DynamoDB's own typing and back, in one pass; `PACKED` attributes are written as one deflated JSON document.

A unit of writing is a kilobyte and DynamoDB bills every name in a list of maps again, so an item that is written often
names in `PACKED` those of its attributes that nobody asks DynamoDB about. Readers see them as if they stood alone.
Packed values are JSON's: text, whole numbers, floats; never money.
"""

import base64
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from pydantic_core import from_json, to_json

from shared.clock import key_time

Item = dict[str, Any]
PACKED: Final = "sections"
"""Names of an item's packed attributes; as stored: the attributes themselves."""
_DIGITS: Final = 38  # DynamoDB keeps no more
_DICTIONARY: Final = (
    b'"severity":"critical","training_level":"fieldService","group":"mediaPath","group_index":-1,"location":-1,"code":'
    b'"severity":"warning","training_level":"untrained","group":"generalPrinter","time_ticks":,"raised_at":"2026-'
    b'"warningBinaryChangeEvent","noInterventionRequired","markerSupplies","console_text":["Ready"],'
    b'{"device_status":"running","printer_status":"idle","detected_errors":[],"detected_error_octets":"00",'
    b'[{"name":"power_on_count","value":0,"unit":"sheets","marker":"1.1","source":"1.3.6.1.2.1.43.10.2.1.5"}'
    b'{"name":"color_impressions","mono_impressions","source":"1.3.6.1.4.1.'
    b'[{"name":"life_count","value":,"unit":"impressions","marker":"1.1","source":"1.3.6.1.2.1.43.10.2.1.4"}'
    b'"receptacleThatIsFilled","supply_type":"wasteToner","description":"Waste Toner","level":-3,"level_state":"some",'
    b'"supply_type":"opc","description":"Drum","ink","inkCartridge","fuser","transferUnit","unknown","receptacle":true,'
    b'{"index":"1.1","supply_class":"supplyThatIsConsumed","supply_type":"toner","description":"Black Toner Cartridge",'
    b'"colorant":"black","cyan","magenta","yellow","supply_unit":"tenthsOfGrams","impressions","percent",'
    b'"max_capacity":100,"level":,"level_state":"percent","percent":,"part_number":"","serial_number":""}'
)
"""What sections have in common, the most frequent last. Stored items need it as it is: it never changes."""
_PACKER: Final = zlib.compressobj(
    level=3, wbits=-12, memLevel=5, zdict=_DICTIONARY
)  # copied for each item: it has read the words


def storable(value: Any) -> Any:  # noqa: ANN401 - any JSON-like value
    """``value`` with floats as Decimal, times as `key_time`, and None left out of mappings."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, datetime):
        return key_time(value)
    if isinstance(value, Mapping):
        return {key: storable(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, (list, tuple)):
        return [storable(inner) for inner in value]
    return value


def to_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's own typing; None values are left out."""
    packed = item.get(PACKED) or ()
    together = {PACKED, *packed}
    attributes = {
        name: {"S": value} if type(value) is str else _typed(value)
        for name, value in item.items()
        if value is not None and name not in together
    }
    if packed:
        attributes[PACKED] = {"B": _deflated({name: item.get(name) for name in packed})}
    return attributes


def from_attributes(attributes: Mapping[str, Any]) -> Item:
    """An item of a response or of a stream record, numbers as int where they are whole, else Decimal."""
    item = {name: typed["S"] if "S" in typed else _plain(typed) for name, typed in attributes.items()}
    if PACKED in item:
        packed = _inflated(item[PACKED])
        item |= {name: value for name, value in packed.items() if value is not None} | {PACKED: list(packed)}
    return item


def _deflated(values: Mapping[str, Any]) -> bytes:
    packer = _PACKER.copy()
    return packer.compress(to_json(values)) + packer.flush()


def _inflated(packed: bytes) -> Item:
    values: Item = from_json(zlib.decompressobj(wbits=-zlib.MAX_WBITS, zdict=_DICTIONARY).decompress(packed))
    return values


def _typed(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any value
    """A value in DynamoDB's typing."""
    typed = _TYPED.get(type(value))
    if typed is not None:
        return typed(value)
    for kind, typed in _TYPED.items():
        if isinstance(value, kind):
            return typed(value)
    if isinstance(value, Mapping):
        return _typed(dict(value))
    raise TypeError(f"DynamoDB has no type for {type(value).__name__}")


def _number(value: Decimal) -> dict[str, Any]:
    if not value.is_finite() or len(value.as_tuple().digits) > _DIGITS:
        raise TypeError("DynamoDB keeps finite numbers of at most 38 digits")
    return {"N": str(value)}


_TYPED: Final[dict[type, Callable[[Any], dict[str, Any]]]] = {
    str: lambda value: {"S": str(value)},
    bool: lambda value: {"BOOL": value},
    int: lambda value: {"N": str(int(value))},
    dict: lambda value: {"M": {key: _typed(inner) for key, inner in value.items() if inner is not None}},
    list: lambda value: {"L": [_typed(inner) for inner in value]},
    tuple: lambda value: {"L": [_typed(inner) for inner in value]},
    float: lambda value: _number(Decimal(str(value))),
    Decimal: _number,
    datetime: lambda value: {"S": key_time(value)},
    bytes: lambda value: {"B": value},
    type(None): lambda _: {"NULL": True},
}


def _plain(typed: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any stored value
    """The value of DynamoDB's typing."""
    ((kind, value),) = typed.items()
    if kind in {"S", "BOOL"}:
        return value
    if kind == "N":
        return _plain_number(value)
    if kind == "M":
        return {key: _plain(inner) for key, inner in value.items()}
    if kind == "L":
        return [_plain(inner) for inner in value]
    if kind == "B":
        # Streams bring binary values as text.
        return base64.b64decode(value) if isinstance(value, str) else bytes(value)
    return _plain_rare(kind, value)


def _plain_rare(kind: str, value: Any) -> Any:  # noqa: ANN401 - any stored value
    if kind == "NULL":
        return None
    if kind in {"SS", "NS", "BS"}:
        return {_plain({kind[0]: inner}) for inner in value}
    raise TypeError(f"DynamoDB's type {kind[:8]} is not known here")


def _plain_number(text: str) -> int | Decimal:
    if text.isdecimal():
        return int(text)
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number
