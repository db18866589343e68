"""Ways to spoil a reply: what broken firmware, a bad line and an attacker send. Everything follows from one seed."""

from collections.abc import Callable
from random import Random

_TAGS = bytes([0x00, 0x02, 0x04, 0x05, 0x06, 0x30, 0x40, 0x41, 0x43, 0x46, 0x80, 0x82, 0xA2, 0xA5, 0xA8, 0x1F, 0xFF])
_LENGTHS = (
    b"\x80",
    b"\x81",
    b"\x81\xff",
    b"\x82\xff\xff",
    b"\x84\xff\xff\xff\xff",
    b"\x88" + b"\xff" * 8,
    b"\xff",
    b"\x7f",
)
_MOST_OCTETS = 70_000


def _flip_bits(reply: bytearray, chance: Random) -> bytearray:
    for _ in range(chance.randint(1, 8)):
        reply[chance.randrange(len(reply))] ^= 1 << chance.randrange(8)
    return reply


def _set_octets(reply: bytearray, chance: Random) -> bytearray:
    for _ in range(chance.randint(1, 4)):
        reply[chance.randrange(len(reply))] = chance.choice((0x00, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return reply


def _cut_off(reply: bytearray, chance: Random) -> bytearray:
    return reply[: chance.randrange(len(reply))]


def _lie_about_a_length(reply: bytearray, chance: Random) -> bytearray:
    at = _an_element(reply, chance)
    return reply[: at + 1] + chance.choice(_LENGTHS) + reply[at + 2 :]


def _change_a_tag(reply: bytearray, chance: Random) -> bytearray:
    reply[_an_element(reply, chance)] = chance.choice(_TAGS)
    return reply


def _leave_out(reply: bytearray, chance: Random) -> bytearray:
    at = chance.randrange(len(reply))
    del reply[at : at + chance.randint(1, 40)]
    return reply


def _repeat(reply: bytearray, chance: Random) -> bytearray:
    at = chance.randrange(len(reply))
    return reply[:at] + reply[at : at + chance.randint(1, 60)] * chance.randint(2, 5) + reply[at:]


def _insert_rubbish(reply: bytearray, chance: Random) -> bytearray:
    at = chance.randrange(len(reply))
    return reply[:at] + bytearray(chance.randbytes(chance.randint(1, 60))) + reply[at:]


def _nest(reply: bytearray, chance: Random) -> bytearray:
    """An element in an element, so deep that a decoder which recurses runs out of stack."""
    at = _an_element(reply, chance)
    return reply[:at] + bytearray(b"\x30\x80" * chance.randint(1, 3_000)) + reply[at:]


def _grow(reply: bytearray, chance: Random) -> bytearray:
    return reply + bytearray(chance.choice((b"\x00", b"\x30\x00", b"\xff"))) * chance.randint(1, _MOST_OCTETS // 2)


def _change_the_version(reply: bytearray, chance: Random) -> bytearray:
    at = bytes(reply).find(b"\x02\x01", 0, 12)
    if 0 <= at < len(reply) - 2:
        reply[at + 2] = chance.choice((0, 1, 2, 3, 4, 0x7F, 0xFF))
    return reply


def _rubbish(reply: bytearray, chance: Random) -> bytearray:
    return bytearray(chance.randbytes(chance.randint(0, len(reply))))


WAYS: tuple[Callable[[bytearray, Random], bytearray], ...] = (
    _flip_bits,
    _flip_bits,
    _set_octets,
    _cut_off,
    _lie_about_a_length,
    _change_a_tag,
    _leave_out,
    _repeat,
    _insert_rubbish,
    _nest,
    _grow,
    _change_the_version,
    _rubbish,
)


def spoilt(reply: bytes, chance: Random) -> bytes:
    """The reply, spoilt in one to three ways; never longer than a datagram can be by much."""
    changed = bytearray(reply)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if not changed:
            break
        changed = chance.choice(WAYS)(changed, chance)
    return bytes(changed[:_MOST_OCTETS])


def _an_element(reply: bytearray, chance: Random) -> int:
    """Where a tag may be: an octet that is one of the usual tags, or any."""
    at = chance.randrange(len(reply))
    for _ in range(40):
        if reply[at] in _TAGS:
            return at
        at = (at + 1) % len(reply)
    return at
