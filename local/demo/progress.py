"""The demo's steps: shown while they run, timed, and named when one did not happen."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rich.console import Console

T = TypeVar("T")
_PAUSE_SECONDS = 0.2


class StepFailed(Exception):
    """A step of the main job did not happen; the message says what was expected and what was seen."""


@dataclass
class Progress:
    """The running demo: its console, its steps with their seconds, and the data for the report."""

    console: Console
    timings: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    current: str = "starting"

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A step: named while it runs, timed when it is over."""
        self.current = name
        began = time.monotonic()
        self.console.print(f"[bold]{name}[/bold]")
        yield
        seconds = time.monotonic() - began
        self.timings[name] = round(seconds, 2)
        self.console.print(f"  [green]done[/green] in {seconds:.1f} s")

    def say(self, text: str) -> None:
        """One line under the step."""
        self.console.print(f"  {text}", highlight=False)


def expect(truth: object, message: str) -> None:
    """Raise `StepFailed` unless it is so."""
    if not truth:
        raise StepFailed(message)


def eventually(look: Callable[[], T | None], what: str, *, seconds: float) -> T:
    """What ``look`` finds, asked again until it finds something; `StepFailed` says ``what`` when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise StepFailed(f"waited {seconds:g} s for {what}, in vain")
        time.sleep(_PAUSE_SECONDS)
