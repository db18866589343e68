"""What is known about makers' printers, as data: one JSON file a maker in `profiles/` (design D17).

A profile says how its maker is recognised, which few private objects to read, and how to read a value. A new
maker is a new file; no code changes.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.resources import files

from edge.profile_schema import CounterSource, CounterTable, LabelledCounter, Profile, Source
from edge.snmp_codec import Oid

__all__ = ["GENERIC", "CounterSource", "CounterTable", "LabelledCounter", "Profile", "Source"]

GENERIC = Profile.model_construct(manufacturer="")
"""For printers of makers without a profile: standard objects only."""

_in_place: list[Profile] = []


@cache
def load_profiles() -> tuple[Profile, ...]:
    """Every profile of the package, in the order of their file names."""
    folder = files("edge") / "profiles"
    texts = (entry.read_text("utf-8") for entry in sorted(folder.iterdir(), key=lambda entry: entry.name))
    packaged = (Profile.model_validate(json.loads(text)) for text in texts)
    replaced = {profile.manufacturer for profile in _in_place}
    return (*_in_place, *(profile for profile in packaged if profile.manufacturer not in replaced))


@contextmanager
def in_place(profile: Profile) -> Iterator[None]:
    """Meanwhile ``profile`` stands in for the package's one of that manufacturer: to try it before it is there."""
    _in_place.append(profile)
    _forget()
    try:
        yield
    finally:
        _in_place.remove(profile)
        _forget()


def _forget() -> None:
    load_profiles.cache_clear()
    brand_pattern.cache_clear()
    brand_of.cache_clear()


@cache
def brand_pattern() -> re.Pattern[str]:
    """Matches any maker's brand at the beginning of a text."""
    names = sorted((brand for profile in load_profiles() for brand in profile.brands), key=len, reverse=True)
    return re.compile(rf"({'|'.join(map(re.escape, names))})(?![A-Za-z0-9])", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def brand_of(text: str | None) -> tuple[Profile, str] | None:
    """The profile and manufacturer of the brand that a text begins with."""
    match = brand_pattern().match(text or "")
    if match is None:
        return None
    word = match[1].casefold()
    return next(
        (profile, manufacturer)
        for profile in load_profiles()
        for brand, manufacturer in profile.brands.items()
        if brand.casefold() == word
    )


def profile_of_object_id(object_id: Oid | None) -> Profile | None:
    """The profile whose subtree holds a sysObjectID; the longest subtree decides."""
    best: tuple[int, Profile] | None = None
    for length, profile in _holders(object_id or ()):
        if best is None or length > best[0]:
            best = (length, profile)
    return best[1] if best else None


def _holders(object_id: Oid) -> Iterator[tuple[int, Profile]]:
    for profile in load_profiles():
        for subtree in profile.object_ids:
            if object_id[: len(subtree)] == subtree:
                yield len(subtree), profile


def profile_for(object_id: Oid | None, sys_descr: str | None, model_text: str | None) -> Profile | None:
    """The profile of a printer: by its brand words first, because OEMs answer under another maker's sysObjectID."""
    branded = brand_of(sys_descr) or brand_of(model_text)
    return branded[0] if branded else profile_of_object_id(object_id)


def is_printer(object_id: Oid | None, sys_descr: str | None) -> bool:
    """Whether sysObjectID and sysDescr alone say that a device is a printer."""
    descr = sys_descr or ""
    profile = profile_of_object_id(object_id)
    if profile is not None:
        return not any(pattern.search(descr) for pattern in profile.not_printers)
    if object_id is not None:
        return False
    return any(pattern.search(descr) for known in load_profiles() for pattern in known.printer_descriptions)
