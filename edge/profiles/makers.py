"""What is known about makers' printers, as data: one YAML file a maker or family in `profiles/` (design D17).

A profile says how its printers are recognised, which few private objects to read, and how to read a value. A new
printer is a new file; no code changes. A site's own profiles stand beside those that the agent brings, and before them.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from edge.profiles.file import SUFFIXES, ProfileError, load_profile, packaged_profile
from edge.profiles.schema import CounterSource, CounterTable, LabelledCounter, Profile
from edge.profiles.supplies import Source
from edge.snmp.codec import Oid

__all__ = ["GENERIC", "CounterSource", "CounterTable", "LabelledCounter", "Profile", "Source"]

GENERIC = Profile.model_construct(manufacturer="")
"""For printers of makers without a profile: standard objects only."""
MAX_SITE_PROFILES: Final = 64


@dataclass(frozen=True, slots=True)
class Loaded:
    """A profile in use.

    Attributes:
        profile: what it says.
        file: its file's name.
        folder: the site's folder that it lies in; None for one that the agent brings.
        replaces: the file of the agent's own that it stands in for, None when it stands beside them.
    """

    profile: Profile
    file: str
    folder: Path | None = None
    replaces: str | None = None


_site: list[Loaded] = []
_in_place: list[Profile] = []


def use_site_profiles(folder: Path | None) -> list[str]:
    """From now on the profiles in a site's folder are used too, before the agent's own; None: the agent's own only.

    A profile with the name or the file name of one of the agent's stands in for it. One that cannot be used is
    skipped. Safe to repeat: the folder's content replaces what was used before.

    Returns:
        What is wrong in the folder, a line for each fault that names the file, the key and the fix.
    """
    _site.clear()
    _forget()
    if folder is None:
        return []
    problems: list[str] = []
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    except OSError as error:
        return [f"{folder}: cannot be read ({error.strerror}): correct [profiles] folder or its permission"]
    if len(paths) > MAX_SITE_PROFILES:
        problems.append(f"{folder}: holds more than {MAX_SITE_PROFILES} profiles; those after the first are not used")
    for path in paths[:MAX_SITE_PROFILES]:
        try:
            profile = load_profile(path)
        except ProfileError as error:
            problems.extend(error.problems)
            continue
        if any(profile.name == other.profile.name for other in _site):
            problems.append(f"{path}: a profile called {profile.name!r} is there already; give this one a family")
            continue
        _site.append(Loaded(profile, path.name, folder, _replaced(path, profile)))
    _forget()
    return problems


def _replaced(path: Path, profile: Profile) -> str | None:
    return next(
        (
            shipped.file
            for shipped in _packaged()
            if shipped.profile.name == profile.name or Path(shipped.file).stem == path.stem
        ),
        None,
    )


@cache
def _packaged() -> tuple[Loaded, ...]:
    folder = files("edge") / "profiles" / "makers"
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(SUFFIXES)), key=lambda e: e.name)
    return tuple(Loaded(packaged_profile(entry), entry.name) for entry in entries)


def profiles_in_use() -> list[Loaded]:
    """Every profile in use with its origin: the site's, then the agent's own in the order of their file names."""
    replaced = {loaded.replaces for loaded in _site}
    return [*_site, *(loaded for loaded in _packaged() if loaded.file not in replaced)]


@cache
def load_profiles() -> tuple[Profile, ...]:
    """Every profile in use; the first that fits a printer is its profile."""
    replaced = {profile.name for profile in _in_place}
    in_use = (loaded.profile for loaded in profiles_in_use())
    return (*_in_place, *(profile for profile in in_use if profile.name not in replaced))


@contextmanager
def in_place(profile: Profile) -> Iterator[None]:
    """Meanwhile ``profile`` stands in for the one of that name in use: to try it before it is there."""
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
    names = sorted({brand for profile in load_profiles() for brand in profile.brands}, key=len, reverse=True)
    return re.compile(rf"({'|'.join(map(re.escape, names))})(?![A-Za-z0-9])", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def brand_of(text: str | None) -> tuple[tuple[Profile, ...], str] | None:
    """The profiles and the manufacturer of the brand that a text begins with."""
    match = brand_pattern().match(text or "")
    if match is None:
        return None
    word = match[1].casefold()
    meant = [
        (profile, manufacturer)
        for profile in load_profiles()
        for brand, manufacturer in profile.brands.items()
        if brand.casefold() == word
    ]
    return tuple(profile for profile, _ in meant), meant[0][1]


def profile_of_object_id(object_id: Oid | None) -> Profile | None:
    """The profile whose subtree holds a sysObjectID; the longest subtree decides."""
    return _closest(load_profiles(), object_id)


def _closest(profiles: Sequence[Profile], object_id: Oid | None) -> Profile | None:
    """Of these profiles the one with the longest subtree that holds a sysObjectID; of equals the first."""
    best: tuple[int, Profile] | None = None
    for profile in profiles:
        for subtree in profile.object_ids:
            if (object_id or ())[: len(subtree)] == subtree and (best is None or len(subtree) > best[0]):
                best = (len(subtree), profile)
    return best[1] if best else None


def profile_for(object_id: Oid | None, sys_descr: str | None, model_text: str | None) -> Profile | None:
    """The profile of a printer: by its brand words first, because OEMs answer under another maker's sysObjectID.

    Of several profiles of the brand one whose ``models`` match is it, else the one whose subtree holds the
    sysObjectID, else the first that is for all models.
    """
    branded = brand_of(sys_descr) or brand_of(model_text)
    known = branded[0] if branded else tuple(p for p in load_profiles() if _closest((p,), object_id))
    texts = [text for text in (sys_descr, model_text) if text]
    for profile in known:
        if any(pattern.search(text) for pattern in profile.models for text in texts):
            return profile
    general = [profile for profile in known if not profile.models]
    return _closest(general, object_id) or next(iter(general), None)


def is_printer(object_id: Oid | None, sys_descr: str | None) -> bool:
    """Whether sysObjectID and sysDescr alone say that a device is a printer."""
    descr = sys_descr or ""
    profile = profile_of_object_id(object_id)
    if profile is not None:
        return not any(pattern.search(descr) for pattern in profile.not_printers)
    if object_id is not None:
        return False
    return any(pattern.search(descr) for known in load_profiles() for pattern in known.printer_descriptions)
