"""Reads a profile from a YAML file: bounded, safe, and every fault told with its file, its key and the fix."""

import difflib
import re
from collections.abc import Hashable, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from edge.profiles.schema import CounterSource, CounterTable, LabelledCounter, Profile
from edge.profiles.supplies import LevelMeaning, RecordLayout, Source, SupplySource, SupplyTable
from edge.profiles.terms import Claim

MAX_PROFILE_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 16
MAX_KEYS: Final = 256
SUFFIXES: Final = (".yaml", ".yml")
MODELS: Final = (
    Profile,
    Source,
    CounterSource,
    CounterTable,
    LabelledCounter,
    SupplySource,
    SupplyTable,
    LevelMeaning,
    RecordLayout,
    Claim,
)
"""Every model of the schema, for those who list its keys."""
_KEYS: Final = sorted({key for model in MODELS for key in model.model_fields})
_SAFE: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C where the library was built with it
_FILE_IN_PROBLEM: Final = re.compile(r"\s+")


class ProfileError(ValueError):
    """A profile cannot be used.

    Attributes:
        problems: one line each, naming the key and what is wrong with it.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


class _Loader(_SAFE):  # type: ignore[misc] # which of PyYAML's two safe loaders it is, is known when it runs
    """Plain data only; a key that comes twice in one mapping is an error, not the last one's victory.

    What is merged is bounded: a few lines of merges can unfold to more than any memory holds.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        super().flatten_mapping(node)
        if len(node.value) > MAX_KEYS:
            raise yaml.constructor.ConstructorError(
                None, None, f"a mapping of more than {MAX_KEYS} keys, with those that it merges", node.start_mark
            )

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} comes twice; keep one of them", key.start_mark
                )
            seen.add(str(key.value))
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def load_profile(path: Path) -> Profile:
    """The profile in a file.

    Raises:
        ProfileError: the file cannot be read, is no YAML, or a key is missing, unknown, twice there or wrong.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_PROFILE_BYTES + 1)
    except OSError as error:
        raise ProfileError([f"{path}: cannot be read: {error.strerror}"]) from error
    return profile_in(octets, str(path))


def packaged_profile(entry: Traversable) -> Profile:
    """A profile that the agent brings.

    Raises:
        ProfileError: as of `load_profile`.
    """
    return profile_in(entry.read_bytes(), entry.name)


def profile_in(octets: bytes, whence: str) -> Profile:
    """The profile in the octets of a file.

    Args:
        octets: the file's content.
        whence: the file's name, for errors.

    Raises:
        ProfileError: it is no profile.
    """
    if len(octets) > MAX_PROFILE_BYTES:
        raise ProfileError([f"{whence}: larger than {MAX_PROFILE_BYTES} octets: is it a profile?"])
    try:
        text = octets.decode("utf-8")
        _check_depth(text, whence)
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - built on PyYAML's safe loader
    except UnicodeDecodeError:
        raise ProfileError([f"{whence}: is not UTF-8 text"]) from None
    except yaml.YAMLError as error:
        raise ProfileError([_yaml_problem(error, whence)]) from None
    try:
        return Profile.model_validate(content)
    except ValidationError as error:
        raise ProfileError([f"{whence}: {_problem(found)}" for found in error.errors()]) from None


def _check_depth(text: str, whence: str) -> None:
    """Refuse what is nested so deeply that the C parser, which calls itself, would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_SAFE):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ProfileError([f"{whence}: is nested too deeply: is it a profile?"])


def _yaml_problem(error: yaml.YAMLError, whence: str) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f"{whence}:{mark.line + 1}:{mark.column + 1}" if mark else whence
    problem = getattr(error, "problem", None) or "cannot be understood"
    return f"{place}: is not YAML: {_FILE_IN_PROBLEM.sub(' ', str(problem))}"


def _problem(found: Any) -> str:  # noqa: ANN401 - pydantic's error, a TypedDict of its own
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"]).lstrip(".")
    message = str(found["msg"]).removeprefix("Value error, ")
    if found["type"] == "missing":
        message = "is missing"
    elif found["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(found["loc"][-1]), _KEYS, n=1)
        message = "there is no such key" + (f"; did you mean {near[0]!r}?" if near else "")
    return f"{where or 'the profile'}: {message}"
