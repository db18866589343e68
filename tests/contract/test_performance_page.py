"""docs/performance.md names every benchmark there is, and no other."""

from pathlib import Path

from bench.__main__ import SECONDS

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def test_the_page_has_every_benchmark_and_where_it_is() -> None:
    table = PAGE.read_text("utf-8").partition("| Name |")[2].partition("\n\n")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]

    assert [row[1].strip(" `") for row in rows] == list(SECONDS)
    named = [name.strip("` ") for row in rows for name in row[3].split(",")]
    assert all((PAGE.parents[1] / name).exists() for name in named)
