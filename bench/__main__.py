"""`python -m bench [name…]`: runs the benchmarks one after another, prints one table, writes `.local/bench.json`.

Each benchmark runs in a process of its own with a limit on its time, so that none sees another's caches, memory
or imports, and a hanging one costs its own figures only.
"""

import argparse
import importlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.machine import described
from bench.report import table_of, verdicts_of
from bench.row import Row, left_out

SECONDS: Final = {
    "reading": 300,
    "sweep": 60,
    "v1": 60,
    "gufo": 60,
    "v3": 60,
    "cycle": 120,
    "traffic": 60,
    "upload": 60,
    "cost": 90,
    "stack": 120,
    "listing": 240,
    "forecast": 35,
    "policy": 60,
}
"""The benchmarks, in order, and the longest that each may take."""
RESULT: Final = Path(".local") / "bench.json"
_MARK: Final = "rows: "
_FAILED: Final = 1
_WIDTH: Final = 150
"""Columns of the table where there is no terminal to ask."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A benchmark that has ended."""

    name: str
    rows: list[Row]
    seconds: float
    failed: bool = False


def main(arguments: list[str] | None = None) -> int:
    """0 when every benchmark ran, whatever its figures; 1 when one could not."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what the design promises.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"which of: {', '.join(SECONDS)}; all unless told")
    parser.add_argument("--rows-of", choices=SECONDS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.rows_of:
        rows: list[Row] = importlib.import_module(f"bench.{options.rows_of}").run()
        sys.stdout.write(_MARK + json.dumps([row.as_data() for row in rows]) + "\n")
        return 0
    unknown = [name for name in options.names if name not in SECONDS]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(SECONDS)}")
    return _run_all(options.names or list(SECONDS))


def _run_all(names: list[str]) -> int:
    machine = described()
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    outcomes = []
    for name in names:
        with console.status(f"{name} (at most {SECONDS[name]} s)"):
            outcome = _run(name)
        console.print(f"{name}: {'failed' if outcome.failed else 'done'} in {outcome.seconds:.0f} s")
        outcomes.append(outcome)
    console.print(table_of([(outcome.name, row) for outcome in outcomes for row in outcome.rows]))
    console.print(verdicts_of([row for outcome in outcomes for row in outcome.rows]))
    console.print(f"[dim]{machine.text}[/dim]")
    _write(outcomes, machine.as_data())
    console.print(f"Written to {RESULT}")
    return _FAILED if any(outcome.failed for outcome in outcomes) else 0


def _run(name: str) -> Outcome:
    began = time.monotonic()
    command = [sys.executable, "-m", "bench", "--rows-of", name]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS[name], check=False)  # noqa: S603 - our own module
    except subprocess.TimeoutExpired:
        return _failure(name, began, f"not done in {SECONDS[name]} s")
    last = next((line for line in reversed(ended.stdout.splitlines()) if line.startswith(_MARK)), None)
    if ended.returncode or last is None:
        reason = (ended.stderr.strip().splitlines() or ["it ended without a result"])[-1]
        return _failure(name, began, reason)
    rows = [Row.from_data(data) for data in json.loads(last.removeprefix(_MARK))]
    return Outcome(name, rows, time.monotonic() - began)


def _failure(name: str, began: float, reason: str) -> Outcome:
    return Outcome(name, [left_out(name, "", f"failed: {reason}")], time.monotonic() - began, failed=True)


def _write(outcomes: list[Outcome], machine: dict[str, object]) -> None:
    RESULT.parent.mkdir(exist_ok=True)
    benchmarks = {
        outcome.name: {"seconds": round(outcome.seconds, 1), "rows": [row.as_data() for row in outcome.rows]}
        for outcome in outcomes
    }
    RESULT.write_text(json.dumps({"machine": machine, "benchmarks": benchmarks}, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
