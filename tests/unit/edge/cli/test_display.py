"""What a person sees of one reading."""

import io

import pytest
from rich.console import Console

from edge.cli.display import reading_tables
from shared.wire.reading import Alert
from tests.support.edge_sending import a_reading


@pytest.mark.parametrize(
    ("alerts", "shown"), [([], "no alerts"), (None, "alerts (not read to the end)")], ids=["none", "not read"]
)
def test_no_alert_and_alerts_that_were_not_read_look_different(alerts: list[Alert] | None, shown: str) -> None:
    console = Console(width=100, file=io.StringIO(), record=True)

    console.print(reading_tables(a_reading(alerts=alerts)))

    assert shown in console.export_text()
