"""Checks a profile before it is used: its form, and what it makes of a recording."""

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from edge import oids
from edge.printer import compose
from edge.profile_schema import Claim, CounterSource, CounterTable, LabelledCounter, Profile, Source
from edge.profiles import in_place
from edge.recorded_answers import add_private, answers_of, recognised
from edge.recording import Rows
from edge.snmp_codec import Oid
from shared.wire.reading import LIFE_COUNT, PrinterReading

MAX_PROFILE_BYTES: Final = 256 * 1024
_KEYS: Final = sorted(
    {
        key
        for model in (Profile, Source, CounterSource, CounterTable, LabelledCounter, Claim)
        for key in model.model_fields
    }
)
_READING_ID: Final = "rdg_check"


class ProfileError(ValueError):
    """A profile cannot be used.

    Attributes:
        problems: one line each, naming the key and what is wrong with it.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Yielded:
    """What a profile makes of a recording.

    Attributes:
        reading: the whole reading with this profile.
        taken_by: the manufacturer whose profile the reader would take, None when none.
        recognised: the reader would take the checked profile.
        unanswered: private objects and columns that the recording does not have.
        sums: counters that ought to add up, and whether they do.
    """

    reading: PrinterReading
    taken_by: str | None
    recognised: bool
    unanswered: tuple[Oid, ...]
    sums: tuple[str, ...]


def load_profile(path: Path) -> Profile:
    """The profile in a file.

    Raises:
        ProfileError: the file cannot be read, is no JSON, or a key is missing, unknown or wrong.
    """
    try:
        if path.stat().st_size > MAX_PROFILE_BYTES:
            raise ProfileError([f"{path}: larger than {MAX_PROFILE_BYTES} octets: is it a profile?"])
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ProfileError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError:
        raise ProfileError([f"{path}: is not UTF-8 text"]) from None
    except json.JSONDecodeError as error:
        raise ProfileError([f"{path}:{error.lineno}:{error.colno}: is not JSON: {error.msg}"]) from error
    except RecursionError:
        raise ProfileError([f"{path}: is nested too deeply"]) from None
    try:
        return Profile.model_validate(content)
    except ValidationError as error:
        raise ProfileError([_problem(found) for found in error.errors()]) from error


def unconfirmed(profile: Profile) -> list[str]:
    """The claims that no recording has confirmed, by what they are about."""
    claims: list[tuple[str, Claim]] = [
        (f"{key}: {oids.dotted(source.oid)}", source.claim)
        for key in ("model", "serial_number", "firmware")
        for source in getattr(profile, key)
    ]
    claims += [(f"counters: {counter.name}", counter.claim) for counter in profile.counters]
    claims += [
        (f"counter_tables: {counter.name}", counter.claim)
        for table in profile.counter_tables
        for counter in table.counters
    ]
    claims += profile.claims.items()
    return [what for what, claim in claims if not claim.confirmed]


def yielded(profile: Profile, rows: Rows, *, now: datetime) -> Yielded:
    """Read a recording with a profile, as the agent would.

    Args:
        profile: the profile, in place of the package's one of that manufacturer.
        rows: the recording.
        now: dates the reading.
    """
    values = {name: row.value for name, row in rows.items()}
    with in_place(profile):
        answers = answers_of(values)
        taken = recognised(answers, values)
        add_private(answers, profile, values)
        reading = compose(answers, profile, reading_id=_READING_ID, taken_at=now, address="recording")
    silent = [name for name in profile.oids() if name not in values]
    silent += [column for column in profile.columns() if not answers.column(column)]
    return Yielded(
        reading=reading,
        taken_by=taken.manufacturer if taken else None,
        recognised=taken is profile,
        unanswered=tuple(silent),
        sums=tuple(_sums(reading)),
    )


def _sums(reading: PrinterReading) -> list[str]:
    """Mono and colour, and the functions, against each total that the printer tells."""
    value = {counter.name: counter.value for counter in reversed(reading.counters or [])}
    lines = []
    for parts in (
        ("mono_impressions", "color_impressions"),
        ("print_impressions", "copy_impressions", "fax_impressions"),
    ):
        told = [part for part in parts if part in value]
        for total in ("total_impressions", LIFE_COUNT):
            if total in value and len(told) > 1:
                summed = sum(value[part] for part in told)
                verdict = "which is" if summed == value[total] else "which is not"
                lines.append(f"{' + '.join(told)} = {summed}, {verdict} {total} ({value[total]})")
    return lines


def _problem(found: Any) -> str:  # noqa: ANN401 - pydantic's error, a TypedDict of its own
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"]).lstrip(".")
    message = str(found["msg"]).removeprefix("Value error, ")
    if found["type"] == "missing":
        message = "is missing"
    elif found["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(found["loc"][-1]), _KEYS, n=1)
        message = "there is no such key" + (f"; did you mean {near[0]!r}?" if near else "")
    return f"{where or 'the profile'}: {message}"
