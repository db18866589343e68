"""The command line `platen-agent`: reading printers by hand, and the installed agent."""

import typer

from edge.cli import agent as cli_agent
from edge.cli import check as cli_check
from edge.cli import discover as cli_discover
from edge.cli import journal as cli_journal
from edge.cli import key as cli_key
from edge.cli import oids as cli_oids
from edge.cli import profile as cli_profile
from edge.cli import read as cli_read
from edge.cli import record as cli_record
from edge.cli import status as cli_status
from edge.version import AGENT_VERSION

app = typer.Typer(
    name="platen-agent",
    help="Reads printers over SNMP and IPP and sends what changed to Platen. Only meters, supplies, status and alerts.",
    epilog=(
        "To install: check-config, activate, run; then look with status and journal. Without installing: discover, "
        "read, poll. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # locals hold communities and codes
)
app.add_typer(cli_read.app)
app.add_typer(cli_discover.app)
app.add_typer(cli_check.app)
app.add_typer(cli_agent.app)
app.add_typer(cli_status.app)
app.add_typer(cli_key.app)
app.add_typer(cli_journal.app)
app.add_typer(cli_record.app)
app.add_typer(cli_profile.app)
app.add_typer(cli_oids.app)


@app.command()
def version() -> None:
    """Print the agent's version."""
    typer.echo(AGENT_VERSION)


def main() -> None:
    """Run the command line; the process ends with the command's exit code."""
    app()
