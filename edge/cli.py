"""The command line `platen-agent`: reading printers by hand, and the installed agent."""

import typer

from edge import cli_agent, cli_profile, cli_read, cli_record
from edge.version import AGENT_VERSION

app = typer.Typer(
    name="platen-agent",
    help="Reads printers over SNMP and sends what changed to Platen. Only meters, supplies, status and alerts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # locals hold communities and codes
)
app.add_typer(cli_read.app)
app.add_typer(cli_agent.app)
app.add_typer(cli_record.app)
app.add_typer(cli_profile.app)


@app.command()
def version() -> None:
    """Print the agent's version."""
    typer.echo(AGENT_VERSION)


def main() -> None:
    """Run the command line; the process ends with the command's exit code."""
    app()
