"""What is known of the ways to each printer: when SNMP last answered, whether IPP does and how; kept over restarts.

It is what keeps one printer's two page counts apart: a printer that answers SNMP is not read over IPP because one
packet was lost.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.files import StateFolderError, write_private
from edge.ipp.client import PATHS, Endpoint
from edge.log import get_logger

ROUTES_FILE: Final = "ipp-routes.json"
MAX_ROUTES: Final = 8_192
MAX_FILE_BYTES: Final = 4 * 1024 * 1024
NO_IPP_FOR: Final = timedelta(days=1)
OFF_FOR: Final = timedelta(hours=1)
"""Until IPP is tried again where neither way answered: the printer may just be off."""
NO_SNMP_FOR: Final = timedelta(hours=6)
SNMP_LOST_AFTER: Final = timedelta(days=1)
"""How long a printer that answered SNMP may be silent before it counts as one without SNMP."""
_HOUR: Final = timedelta(hours=1)
_WRITTEN_EVERY: Final = timedelta(minutes=10)
_WRITTEN_SOON: Final = timedelta(seconds=30)
log = get_logger()


class Route(BaseModel):
    """What is known of one printer."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    path: str | None = None
    """Where IPP answered; None while it never did."""
    tls: bool = False
    version: tuple[int, int] = (2, 0)
    ipp_after: AwareDatetime | None = None
    """IPP is not asked before."""
    snmp_at: AwareDatetime | None = None
    """When SNMP last answered."""
    snmp_after: AwareDatetime | None = None
    """SNMP is not waited for before, while IPP answers."""
    counting: str | None = None
    """The serial number (or nothing) of the printer that told a page count over SNMP: IPP's is another count and never
    stands in for it."""
    unlike: str | None = None
    """The serial number (or nothing) over SNMP of the printer at whose address another one answers IPP."""

    @property
    def endpoint(self) -> Endpoint | None:
        """How IPP answered, None while it never did."""
        return None if self.path is None else Endpoint(self.tls, self.path, self.version)

    def over_ipp(self, endpoint: Endpoint) -> "Route":
        """The route after an answer over IPP."""
        found = {"path": endpoint.path, "tls": endpoint.tls, "version": endpoint.version}
        return self.model_copy(update={**found, "ipp_after": None, "unlike": None})

    def without_snmp(self, now: datetime) -> "Route":
        """The route after SNMP was silent where IPP answers."""
        return self.model_copy(update={"snmp_after": now + NO_SNMP_FOR})

    def with_snmp(self, now: datetime) -> "Route":
        """The route after an answer over SNMP; its time to the hour, so that not every poll is a change."""
        fresh = self.snmp_at is not None and timedelta(0) <= now - self.snmp_at < _HOUR
        return self.model_copy(update={"snmp_at": self.snmp_at if fresh else now, "snmp_after": None})

    def without_ipp(self, now: datetime, *, is_off: bool) -> "Route":
        """The route after IPP gave nothing.

        Args:
            now: the present time.
            is_off: neither way answered anything, so that the printer may just be off.
        """
        if self.path is not None:  # it has IPP
            return self.model_copy(update={"ipp_after": None if is_off else now + OFF_FOR})
        return self.model_copy(update={"ipp_after": now + (OFF_FOR if is_off else NO_IPP_FOR)})

    def beside_another(self, now: datetime, serial: str) -> "Route":
        """The route after IPP was answered by another printer than the one of that serial number over SNMP."""
        return self.model_copy(update={"path": None, "unlike": serial, "ipp_after": now + NO_IPP_FOR})

    def of_printer(self, serial: str) -> "Route":
        """The route for the printer that answers SNMP now: what another's IPP was like says nothing of this one's."""
        if self.unlike is None or self.unlike == serial:
            return self
        return self.model_copy(update={"unlike": None, "ipp_after": None})

    def may_ask_ipp(self, now: datetime) -> bool:
        """Whether IPP's turn has come."""
        return _due(self.ipp_after, now, NO_IPP_FOR)

    def may_skip_snmp(self, now: datetime) -> bool:
        """Whether the printer is one that answers IPP and no SNMP."""
        return self.path is not None and self.snmp_after is not None and not _due(self.snmp_after, now, NO_SNMP_FOR)

    def has_snmp(self, now: datetime) -> bool:
        """Whether the printer is one that answers SNMP, silent now or not."""
        return self.snmp_at is not None and now - self.snmp_at < SNMP_LOST_AFTER


class _Kept(BaseModel):
    """The file."""

    version: Annotated[int, Field(ge=1, le=1)] = 1
    routes: dict[Annotated[str, Field(max_length=300)], Route] = {}


class Routes:
    """The routes of a site's printers, by target; the ones not used for longest go first when there are too many.

    Args:
        file: where they are kept; None for as long as the process lives.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._routes: dict[str, Route] = {} if file is None else _read(file)
        self._counting = {route.counting: target for target, route in self._routes.items() if route.counting}
        self._written_at: datetime | None = None
        self._changed = False
        self._soon = False

    def of(self, target: str) -> Route:
        """What is known of a printer."""
        return self._routes.get(target, Route())

    def of_counting(self, serial: str | None) -> Route | None:
        """What is known of a printer that told its page count over SNMP, wherever that was; None of any other."""
        route = self._routes.get(self._counting.get(serial or "", ""))
        return route if route is not None and route.counting == serial else None

    def keep(self, target: str, route: Route, now: datetime) -> None:
        """Keep what is known now. The file follows within half a minute, or ten when only times changed.

        Safe to repeat: the file is replaced whole by what is known. A folder that cannot be written to costs only the
        memory of it after a restart.
        """
        before = self._routes.pop(target, Route())
        self._routes[target] = route
        if route.counting:
            self._counting[route.counting] = target
        for table in (self._routes, self._counting):
            while len(table) > MAX_ROUTES:
                del table[next(iter(table))]
        if before == route:
            return
        self._changed = True
        if before.endpoint != route.endpoint or before.counting != route.counting:
            self._soon = True
        wait = _WRITTEN_SOON if self._soon else _WRITTEN_EVERY
        if self._written_at is None or abs(now - self._written_at) >= wait:
            self.write(now)

    def write(self, now: datetime) -> None:
        """Write the file, if there is one and something changed. Safe to repeat: it is replaced whole."""
        if self._file is None or not self._changed:
            return
        self._written_at, self._changed, self._soon = now, False, False
        try:
            write_private(self._file, _Kept(routes=self._routes).model_dump_json(exclude_defaults=True).encode())
        except StateFolderError as error:
            log.warning("what is known of IPP cannot be kept", reason=str(error))


def _due(after: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Whether a time has come; one that is further away than it can have been set means that the clock went back."""
    return after is None or now >= after or after - now > longest


def _read(file: Path) -> dict[str, Route]:
    """The routes of the file; none when it is not there or damaged: they are found again."""
    try:
        with file.open("rb") as opened:
            kept = _Kept.model_validate_json(opened.read(MAX_FILE_BYTES))
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        reason = "not what was written" if isinstance(error, ValidationError) else str(error)
        log.warning("what was known of IPP is lost and found again", reason=reason)
        return {}
    return {target: route for target, route in kept.routes.items() if route.path in {None, *PATHS}}
