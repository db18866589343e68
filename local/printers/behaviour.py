"""What a simulated printer does as time passes and on command; `local.printers.printer` shows it as rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from threading import RLock

from local.printers.alerts import CRITICAL, Alert, supply_alert
from local.printers.clock import Clock
from local.printers.supplies import Supply
from local.printers.usage import Usage

FULL = 100.0
_TICK = timedelta(milliseconds=10)


@dataclass(frozen=True)
class SupplyState:
    """A supply now: what is left of it (None: not measured) and the serial number of what is in the slot."""

    supply: Supply
    percent: float | None
    serial: str | None


@dataclass(frozen=True)
class StandingAlert:
    """An alert that stands, and when it was raised, in hundredths of a second since the start."""

    alert: Alert
    raised_ticks: int


@dataclass(frozen=True)
class Snapshot:
    """The printer now. ``pages`` counts from the start of the simulation; alerts go by prtAlertIndex."""

    pages: int
    uptime_ticks: int
    supplies: Mapping[int, SupplyState]
    alerts: Mapping[int, StandingAlert]
    cleared: frozenset[int]
    events: int
    critical_events: int


class Behaviour:
    """A printer that lives: pages grow with working days, supplies fall with pages, commands change it.

    Safe to call from any thread. Time that goes back changes nothing, so pages never fall.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        usage: Usage | None = None,
        supplies: Iterable[Supply] = (),
        alerts: Iterable[Alert] = (),
        last_alert: int = 0,
    ) -> None:
        self._lock = RLock()
        self._clock = clock
        self._usage = usage
        self._held = False
        self._started_at = self._settled_at = clock.now()
        self._pages = 0.0
        self._supplies: dict[int, SupplyState] = {}
        self._own_alerts: dict[int, int] = {}
        self._alerts: dict[int, StandingAlert] = {}
        self._cleared: set[int] = set()
        self._last_alert = last_alert
        self._events = 0
        self._critical_events = 0
        self._silent = False
        for supply in supplies:
            self._supplies[supply.index] = SupplyState(supply, supply.percent, supply.serial)
        for alert in alerts:
            self._raise(alert)

    @property
    def silent(self) -> bool:
        """True while nothing is answered."""
        return self._silent

    def go_silent(self) -> None:
        """Answers nothing from now on, as if switched off."""
        self._silent = True

    def answer_again(self) -> None:
        """Ends `go_silent`."""
        self._silent = False

    def use(self, usage: Usage) -> None:
        """Prints as ``usage`` says from now on."""
        with self._lock:
            self._settle()
            self._usage = usage
            self._held = False

    def hold(self) -> None:
        """Stops printing; `resume` goes on."""
        with self._lock:
            self._settle()
            self._held = True

    def resume(self) -> None:
        """Prints again after `hold`; what was not printed meanwhile stays unprinted."""
        with self._lock:
            self._settle()
            self._held = False

    def print_pages(self, pages: int) -> None:
        """Prints so many pages at once.

        Raises:
            ValueError: less than none.
        """
        if pages < 0:
            raise ValueError("a printer cannot take pages back")
        with self._lock:
            self._settle()
            self._print(float(pages))

    def insert(self, supply: Supply) -> None:
        """Puts a supply into a slot, whatever was known of the slot before."""
        with self._lock:
            self._settle()
            self._supplies[supply.index] = SupplyState(supply, supply.percent, supply.serial)

    def set_level(self, index: int, percent: float) -> None:
        """Leaves so much of a supply, as if it had been used up to there.

        Raises:
            KeyError: no such supply, or a recording's that was not adopted.
        """
        with self._lock:
            self._settle()
            state = self._state(index)
            self._supplies[index] = SupplyState(state.supply, min(max(percent, 0.0), FULL), state.serial)

    def replace_cartridge(self, index: int, serial: str) -> None:
        """Puts a full supply with another serial number into a slot; its own alerts end.

        Raises:
            KeyError: no such supply, or a recording's that was not adopted.
        """
        with self._lock:
            self._settle()
            self._supplies[index] = SupplyState(self._state(index).supply, FULL, serial)

    def raise_alert(
        self, severity: int, training: int, group: int, group_index: int, code: int, description: str
    ) -> int:
        """Adds a row to the alert table (numbers of RFC 3805); gives its prtAlertIndex, never used again."""
        alert = Alert(
            severity=severity,
            training=training,
            group=group,
            group_index=group_index,
            code=code,
            description=description,
        )
        with self._lock:
            self._settle()
            return self._raise(alert)

    def clear_alert(self, index: int) -> None:
        """Takes a row out of the alert table, a recorded one too. A row that is gone stays gone."""
        with self._lock:
            self._alerts.pop(index, None)
            self._cleared.add(index)

    def snapshot(self) -> Snapshot:
        """The printer as it is now."""
        with self._lock:
            self._settle()
            return Snapshot(
                pages=int(self._pages),
                uptime_ticks=self._uptime(),
                supplies=dict(self._supplies),
                alerts=dict(self._alerts),
                cleared=frozenset(self._cleared),
                events=self._events,
                critical_events=self._critical_events,
            )

    def _state(self, index: int) -> SupplyState:
        if index not in self._supplies:
            raise KeyError(f"supply {index} is not simulated here; a recording's supply must be adopted first")
        return self._supplies[index]

    def _uptime(self) -> int:
        return (self._settled_at - self._started_at) // _TICK

    def _settle(self) -> None:
        now = self._clock.now()
        if now > self._settled_at:
            if self._usage is not None and not self._held:
                self._print(self._usage.pages(self._settled_at, now))
            self._settled_at = now
        for index, state in self._supplies.items():
            self._warn(index, supply_alert(state.supply, state.percent))

    def _print(self, pages: float) -> None:
        self._pages += pages
        for index, state in self._supplies.items():
            if state.percent is not None:
                left = state.supply.after(state.percent, pages)
                self._supplies[index] = SupplyState(state.supply, left, state.serial)

    def _warn(self, supply: int, wanted: Alert | None) -> None:
        """Keeps the one alert a printer raises by itself about a supply as its level demands."""
        standing = self._alerts.get(self._own_alerts.get(supply, 0))
        if (standing and standing.alert) == wanted:
            return
        self._alerts.pop(self._own_alerts.pop(supply, 0), None)
        if wanted is not None:
            self._own_alerts[supply] = self._raise(wanted)

    def _raise(self, alert: Alert) -> int:
        self._last_alert += 1
        self._alerts[self._last_alert] = StandingAlert(alert, self._uptime())
        self._events += 1
        self._critical_events += alert.severity == CRITICAL
        return self._last_alert
