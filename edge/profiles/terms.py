"""What a value in a profile may be: object names, patterns, names of counters, claims."""

import re
from importlib import import_module
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from edge.profiles.counter_names import COUNTER_NAMES
from edge.snmp.codec import Oid
from edge.snmp.oids import ENTERPRISES, parse_oid

_parser: Final[Any] = import_module("re._parser")
"""Python's own, by name: type checkers know nothing of it, and it alone sees how repeats nest."""
MAX_ARCS: Final = 64
MAX_PATTERN: Final = 300
JOB_LISTS: Final[tuple[Oid, ...]] = (
    (*ENTERPRISES, 1347, 47, 6),  # Kyocera: titles and users, readable without a password
    (*ENTERPRISES, 2699, 1, 1),  # Job Monitoring MIB, RFC 2707
    (*ENTERPRISES, 11, 2, 3, 9, 4, 2, 1, 1, 6),  # HP
    (*ENTERPRISES, 367, 3, 2, 1, 3, 2),  # Ricoh: file names and user names
    (*ENTERPRISES, 253, 8, 59),  # Xerox: jobs, their owners and senders
    (*ENTERPRISES, 253, 8, 51, 5),  # Xerox: the texts of those jobs
)
MAX_REPEATS: Final = 8
"""Repeats without a bound in one pattern: what a failing match costs grows with a text's length to their power."""
_REPEATS: Final = frozenset({_parser.MAX_REPEAT, _parser.MIN_REPEAT, _parser.POSSESSIVE_REPEAT})


def lists_jobs(name: Oid) -> bool:
    """Whether a subtree lies in a list of print jobs, or holds one."""
    return any(name[: len(jobs)] == jobs[: len(name)] for jobs in JOB_LISTS)


def _name(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        name = parse_oid(text)
    except ValueError:
        raise ValueError(f"{text!r} is no object identifier; write numbers and dots, as 1.3.6.1.4.1.11.2") from None
    if len(name) > MAX_ARCS or not all(0 <= arc < 2**32 for arc in name):
        raise ValueError(f"is no object identifier: at most {MAX_ARCS} numbers below 4294967296")
    return name


def _private(name: Oid) -> Oid:
    if lists_jobs(name):
        raise ValueError("lists print jobs with titles and user names and must not be read")
    if name[: len(ENTERPRISES)] != ENTERPRISES:
        raise ValueError("is not a private object (below 1.3.6.1.4.1); standard ones are read anyway")
    if len(name) <= len(ENTERPRISES) + 1:
        raise ValueError("is a maker's whole subtree; name the object that is meant")
    return name


def _compiled(pattern: object) -> object:
    if not isinstance(pattern, str):
        return pattern
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"is longer than {MAX_PATTERN} characters")
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
        repeats = _repeats_in(_parser.parse(pattern), is_repeated=False)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    if repeats is None:
        raise ValueError(
            f"{pattern!r} repeats a group that repeats or has alternatives: such a pattern can take forever; write it"
            " flat"
        )
    if repeats > MAX_REPEATS:
        raise ValueError(f"{pattern!r} repeats more than {MAX_REPEATS} times: such a pattern can take forever")
    return compiled


def _repeats_in(nodes: Any, *, is_repeated: bool) -> int | None:  # noqa: ANN401 - the parser's tree has no types
    """How many repeats of unknown length a pattern holds; None when one of them, or a choice, lies in another."""
    count = 0
    for operation, argument in nodes:
        varies = operation in _REPEATS and argument[0] != argument[1]
        if (varies or operation is _parser.BRANCH) and is_repeated:
            return None
        repeats = operation in _REPEATS and argument[1] > 1
        within = is_repeated or repeats
        counts = [_repeats_in(part, is_repeated=within) for part in _parts_of(operation, argument)]
        if None in counts:
            return None
        count += (varies and repeats) + sum(each for each in counts if each is not None)
    return count


def _parts_of(operation: Any, argument: Any) -> list[Any]:  # noqa: ANN401 - as above
    """What an operation of a pattern's tree holds."""
    if operation in _REPEATS | {_parser.SUBPATTERN, _parser.ASSERT, _parser.ASSERT_NOT}:
        return [argument[-1]]
    if operation is _parser.BRANCH:
        return list(argument[1])
    if operation is _parser.ATOMIC_GROUP:
        return [argument]
    if operation is _parser.GROUPREF_EXISTS:
        return [part for part in argument[1:] if part is not None]
    return []


def _with_group(pattern: re.Pattern[str]) -> re.Pattern[str]:
    if pattern.groups < 1:
        raise ValueError("needs a group in brackets round the part that is meant")
    return pattern


def _digits(label: object) -> object:
    """A label that is a number may be written as one."""
    return str(label) if isinstance(label, int) and not isinstance(label, bool) else label


_NAME_SCHEMA: Final = {"type": "string", "pattern": r"^\d+(\.\d+)+$", "examples": ["1.3.6.1.4.1.11.2"]}
_PATTERN_SCHEMA: Final = {"type": "string", "format": "regex", "maxLength": MAX_PATTERN}
_LABEL_SCHEMA: Final = {"type": ["string", "integer"]}

Name = Annotated[Oid, BeforeValidator(_name), WithJsonSchema(_NAME_SCHEMA)]
PrivateName = Annotated[Name, AfterValidator(_private)]
Pattern = Annotated[re.Pattern[str], BeforeValidator(_compiled), WithJsonSchema(_PATTERN_SCHEMA)]
Capture = Annotated[Pattern, AfterValidator(_with_group)]
CounterName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,31}(\.[a-z0-9_]{1,31})?$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ShortWords = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Label = Annotated[Words, BeforeValidator(_digits), WithJsonSchema(_LABEL_SCHEMA)]


class ProfileData(BaseModel):
    """A part of a profile: an unknown key is an error, a loaded profile never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Claim(ProfileData):
    """Who says so, and whether a device was seen to agree.

    Attributes:
        source: where it is published, or which recording shows it.
        confirmed: a recording shows it, by arithmetic or by the device's own label.
        makers_own: the maker itself publishes it, in its MIB.
    """

    source: Words
    confirmed: bool
    makers_own: bool = False

    @property
    def trusted(self) -> bool:
        """Whether bills and orders may rest on it."""
        return self.confirmed or self.makers_own


def check_counter_name(name: str, claim: Claim) -> None:
    """A counter's name is from the dictionary only when its claim may be trusted.

    Raises:
        ValueError: the name is not in the dictionary, or the claim is not good enough for it.
    """
    if "." in name:
        return
    if name not in COUNTER_NAMES:
        raise ValueError(f"name: {name!r} is not in the dictionary; it has {', '.join(COUNTER_NAMES)}")
    if not claim.trusted:
        raise ValueError(f"name: {name!r} is for confirmed counters; call this one '<maker>.{name}' until it is")


MAX_LISTED: Final = 64
"""Entries of any list in a profile."""
Listed = Field(max_length=MAX_LISTED)
