"""docs/settings.md says what the registry says."""

from pathlib import Path

from shared.directory.inherited import DEFINITIONS

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_has_every_setting_as_it_is() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]

    assert rows == [
        f"| `{each.name}` | {each.unit} | {each.default} | {each.least} – {each.most}{', or 0' * each.may_be_automatic} | {', '.join(each.levels)} | {each.meaning} |"  # noqa: E501, RUF001 - a row of the table
        for each in DEFINITIONS.values()
    ]
