"""IP addresses inside a text: filled up with zeros, at a sentence's end, behind a colon."""

import re
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

_IPV4: Final = re.compile(r"(?<!\d)(?<!\w\.)(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)")
_IPV6: Final = re.compile(r"(?<!\w)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}(?!\w)", re.IGNORECASE)
_LEADING_ZEROS: Final = re.compile(r"(?<!\d)0+(?=\d)")


def addresses_in(text: str) -> list[str]:
    """The addresses, as they are usually written."""
    found: list[str] = []
    with_addresses(text, found.append)
    return found


def with_addresses(text: str, replacement: Callable[[str], str | None]) -> str:
    """The text with other addresses.

    Args:
        text: any text.
        replacement: what stands instead of an address, which it is given as it is usually written; None: it stays.
    """

    def of_ipv4(found: re.Match[str]) -> str:
        # Panels write 192.168.001.005 for what Python refuses, as some take it for octal.
        return _replaced(_LEADING_ZEROS.sub("", found[0]), replacement) or found[0]

    def of_ipv6(found: re.Match[str]) -> str:
        for colons in ("", ":", "::"):  # the sentence's own
            before = colons if found[0].startswith(colons) else ""
            after = colons if found[0].endswith(colons) else ""
            other = _replaced(found[0][len(before) : len(found[0]) - len(after)], replacement)
            if other is not None:
                return f"{before}{other}{after}"
        return found[0]

    return _IPV6.sub(of_ipv6, _IPV4.sub(of_ipv4, text))


def _replaced(candidate: str, replacement: Callable[[str], str | None]) -> str | None:
    with suppress(ValueError):
        return replacement(str(ip_address(candidate)))
    return None
