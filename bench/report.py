"""The table that people read: figures and ratios side by side, targets beside what was measured."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.table import Table

from bench.row import Row, Verdict

_COLOURS: Final = {Verdict.MET: "green", Verdict.MISSED: "bold red", Verdict.NONE: "", Verdict.LEFT_OUT: "yellow"}
_HUNDRED: Final = 100


def table_of(rows: Sequence[tuple[str, Row]]) -> Table:
    """All rows, a section for each benchmark; notes stand below what they are about."""
    table = Table(title="Benchmarks", header_style="bold")
    table.add_column("What", ratio=5)
    table.add_column("Measured", justify="right", no_wrap=True)
    table.add_column("Beside", ratio=2)
    table.add_column("Ratio", justify="right", no_wrap=True)
    table.add_column("Target", ratio=2)
    table.add_column("", no_wrap=True)
    before = ""
    for name, row in rows:
        if name != before:
            table.add_section()
            table.add_row(f"[bold]{name}[/bold]")
        table.add_row(*_cells(row))
        before = name
    return table


def verdicts_of(rows: Sequence[Row]) -> str:
    """How many targets are met, and by name those that are not."""
    counts = Counter(row.verdict for row in rows)
    text = f"Targets met: {counts[Verdict.MET]}, missed: {counts[Verdict.MISSED]}"
    text += f", left out: {counts[Verdict.LEFT_OUT]}"
    missed = "; ".join(row.what for row in rows if row.verdict is Verdict.MISSED)
    return f"{text}. Missed: {missed}" if missed else f"{text}."


def figure(value: float | None, unit: str) -> str:
    """A figure with as many digits as mean something."""
    if value is None:
        return "-"
    if unit == "yes/no":
        return "yes" if value else "no"
    digits = f"{value:,.0f}" if abs(value) >= _HUNDRED else f"{value:.3g}"
    return f"{digits} {unit}".strip()


def _cells(row: Row) -> list[str]:
    what = f"{row.what}\n[dim]{row.note}[/dim]" if row.note else row.what
    beside = f"{figure(row.beside, row.unit)} ({row.beside_name})" if row.beside is not None else ""
    ratio = f"{row.ratio:.3g}" if row.ratio is not None else ""
    colour = _COLOURS[row.verdict]
    verdict = f"[{colour}]{row.verdict.value}[/{colour}]" if colour else ""
    return [what, figure(row.value, row.unit), beside, ratio, row.target, verdict]
