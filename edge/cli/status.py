"""The command `status`: how the agent is, how far each printer came, and why it stopped."""

import dataclasses
import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from edge.cli.command import FAILED, ConfigOption, JsonOption, fail, plain_errors
from edge.cloud.activation import AgentIdentity, StoredConfig, load_identity
from edge.config.settings import AgentSettings, default_config_file
from edge.lock import is_held
from edge.site.causes import common_causes
from edge.site.criteria import Criteria, criteria_of
from edge.site.pace import pace_told
from edge.site.self_check import openness
from edge.site.self_report import FAULT
from edge.spool.spool import SPOOL_FILE, read_status
from edge.spool.status import Stage
from edge.spool.status_report import AgentStatus, PrinterStatus

NOT_ASKED: Final = "not asked: the cloud's criteria do not name its address any more"
MEGABYTE: Final = 1024 * 1024
_CLOCK_SECONDS_TOLD: Final = 60
_TO_THE_MINUTE: Final = len("2026-11-22T18:20")
_FAULTY, _WAITING, _WELL, _QUIET = "red", "yellow", "green", "dim"
_STYLES: Final = {
    Stage.ACKNOWLEDGED: _WELL,
    Stage.SENT: _WAITING,
    Stage.SPOOLED: _WAITING,
    Stage.READ: _WELL,
}

app = typer.Typer(add_completion=False)


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """All that `status` tells."""

    agent_id: str
    site_id: str
    server: str
    running: bool
    key_age_days: int
    spool_max_bytes: int
    hidden: list[str]
    pace: str | None
    faults: dict[str, str]
    causes: list[str]
    status: AgentStatus


@app.command()
def status(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    watch: Annotated[
        float | None, typer.Option("--watch", min=1, max=3_600, help="Show it every so many seconds, until Ctrl-C.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="End with 1 unless it runs and all works, for monitoring; printers do not count."),
    ] = False,
) -> None:
    """Show how the agent is, how far each printer came, and why it stopped.

    Works while the agent runs and when it does not; asks no printer and no server. A printer comes from found over
    answered, identified, read, spooled and sent to acknowledged, which is all well.
    """
    with plain_errors():
        path = config or default_config_file()
        state = _state(path)
        if as_json:
            typer.echo(json.dumps(_as_json(state)))
        elif watch is None:
            Console().print(_shown(state))
        else:
            _watch(path, watch)
    if check and (state.faults or not state.running):
        raise typer.Exit(FAILED)


def _state(path: Path) -> State:
    settings = AgentSettings.from_file(path)
    identity = load_identity(settings.state_dir)
    spool = settings.state_dir / SPOOL_FILE
    if not spool.exists():
        fail("the agent has not run yet: start it with 'platen-agent run'", FAILED)
    stored = StoredConfig.load(settings.state_dir)
    facts = read_status(spool)
    if stored is not None:
        criteria = criteria_of(stored.config.discovery, settings)
        facts = dataclasses.replace(facts, printers=[_if_asked(each, criteria) for each in facts.printers])
    asked = [printer for printer in facts.printers if printer.reason != NOT_ASKED]
    return State(
        agent_id=identity.agent_id,
        site_id=identity.site_id,
        server=identity.server,
        running=is_held(settings.state_dir),
        key_age_days=_key_age(identity).days,
        spool_max_bytes=settings.spool.max_megabytes * MEGABYTE,
        hidden=[name for name, is_on in settings.privacy.model_dump().items() if is_on],
        pace=None if stored is None else pace_told(stored.config, settings.network),
        faults={name.removeprefix(FAULT): why for name, why in facts.facts.items() if name.startswith(FAULT)}
        | ({"configuration file": opened} if (opened := openness(path, settings)) else {}),
        causes=common_causes(asked),
        status=facts,
    )


def _if_asked(printer: PrinterStatus, criteria: Criteria) -> PrinterStatus:
    if criteria.unreadable or any(place in criteria.targets for place in (printer.target, *printer.also_at)):
        return printer
    return dataclasses.replace(printer, reason=NOT_ASKED)


def _as_json(state: State) -> dict[str, Any]:
    told = dataclasses.asdict(state)
    return {**{name: value for name, value in told.items() if name != "status"}, **told["status"]}


def _watch(path: Path, seconds: float) -> None:
    try:
        with Live(_shown(_state(path)), console=Console(), auto_refresh=False, screen=True) as live:
            while True:
                time.sleep(seconds)
                live.update(_shown(_state(path)), refresh=True)
    except KeyboardInterrupt:
        return


def _shown(state: State) -> RenderableType:
    facts = state.status
    head = Table.grid(padding=(0, 2))
    for name, value in _lines(state):
        head.add_row(Text(name, style=_QUIET), value)
    troubles = [Text(f"! {what}: {why}", style=_FAULTY) for what, why in sorted(state.faults.items())]
    causes = [Text(f"! {cause}", style=_FAULTY) for cause in state.causes]
    return Group(head, *troubles, *causes, _printers(facts.printers))


def _lines(state: State) -> list[tuple[str, RenderableType]]:
    facts = state.status
    running = Text("running", style=_WELL) if state.running else Text("not running", style=_FAULTY)
    filled = f"{facts.queued_bytes / state.spool_max_bytes:.1%} of {state.spool_max_bytes // MEGABYTE} MB"
    oldest = f", the oldest of {_minute(facts.oldest_queued_at)}" if facts.oldest_queued_at else ""
    for_reasons = ", ".join(f"{count} {why}" for why, count in sorted(facts.dropped_for.items()))
    given_up = f"; {facts.dropped} given up" + (f" ({for_reasons})" if for_reasons else "") if facts.dropped else ""
    rejected = f"; {facts.dead_letters} rejected by the cloud" if facts.dead_letters else ""
    aside = f"; {facts.spools_set_aside} damaged spools set aside" if facts.spools_set_aside else ""
    trouble = f"; trouble: {facts.last_upload_error}" if facts.last_upload_error else ""
    today = next(iter(facts.traffic), None)
    sent = f"; on {today.day} {today.uploads} with {today.sent_bytes / 1000:.1f} kB in all" if today else ""
    lines: list[tuple[str, RenderableType]] = [
        ("agent", Text.assemble(f"{state.agent_id} at site {state.site_id}, ", running)),
        ("server", f"{escape(state.server)}; key {state.key_age_days} days old{_clock(facts)}"),
        ("waiting", f"{facts.queued} readings, {filled}{oldest}{given_up}{rejected}{aside}"),
        ("last upload", escape(f"{_minute(facts.last_upload_at) or 'none yet'}{sent}{trouble}")),
        ("last search", escape(facts.facts.get("last_search", "none yet"))),
    ]
    if state.hidden:
        lines.append(("hidden", ", ".join(name.removeprefix("mask_").replace("_", " ") for name in state.hidden)))
    if state.pace:
        lines.append(("intervals", escape(state.pace)))
    return lines


def _clock(facts: AgentStatus) -> str:
    """The difference between this computer's clock and the server's, when it is worth a look."""
    seconds = int(facts.facts.get("clock_offset_seconds", "0"))
    if abs(seconds) < _CLOCK_SECONDS_TOLD:
        return ""
    return f"; this computer's clock is {abs(seconds)} s {'behind' if seconds > 0 else 'ahead of'} the server's"


def _printers(printers: list[PrinterStatus]) -> RenderableType:
    if not printers:
        return Text("no printer was found yet")
    table = Table("printer", "model, serial", "stage, since (UTC)", "why it stopped, or how it answered")
    for number in (0, 2):  # half of these says nothing
        table.columns[number].no_wrap = True
    for printer in sorted(printers, key=_in_order):
        is_failing = printer.reason is not None and printer.stage not in {Stage.SPOOLED, Stage.SENT}
        style = _FAULTY if is_failing else _STYLES.get(Stage(printer.stage), "")
        stage = Text(printer.stage, style=_QUIET if printer.reason == NOT_ASKED else style)
        who = (printer.manufacturer, printer.model, printer.serial_number)
        also = f"also at {', '.join(printer.also_at)}" if printer.also_at else None
        table.add_row(
            escape(printer.target),
            escape(" ".join(filter(None, who))),
            Text.assemble(stage, "\n", (_minute(printer.since), _QUIET)),
            escape("; ".join(filter(None, (printer.reason or printer.answered_by, also)))),
        )
    return table


def _in_order(printer: PrinterStatus) -> list[tuple[int, str]]:
    """Addresses by their numbers: .2 before .10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", printer.target)]


def _minute(time_said: str | None) -> str:
    return (time_said or "")[:_TO_THE_MINUTE].replace("T", " ")


def _key_age(identity: AgentIdentity) -> timedelta:
    return datetime.now(UTC) - (identity.key_since or identity.activated_at)
