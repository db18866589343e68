"""`python -m local.printers`: serves the fleet for a person until Ctrl-C."""

import argparse
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.printers.clock import Clock, SimulatedClock, WallClock
from local.printers.fleet import SimulatedFleet
from local.printers.recording import RecordingError
from local.printers.responder import AddressUnavailableError

_USAGE_ERROR = 2
_HIGHEST_PORT = 65_535
_HIGHEST_RATE = 86_400
_PAST = timedelta(days=365)


def _port(typed: str) -> int:
    number = int(typed)
    if not 1 <= number <= _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"must be 1 to {_HIGHEST_PORT}")
    return number


def _rate(typed: str) -> float:
    number = float(typed)
    if not 0 < number <= _HIGHEST_RATE:
        raise argparse.ArgumentTypeError(f"must be above 0, up to {_HIGHEST_RATE} (a day in each real second)")
    return number


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.printers", description=__doc__)
    parser.add_argument(
        "--walks", type=Path, metavar="DIR", help="serve the .snmprec recordings of this folder instead"
    )
    parser.add_argument("--port", type=_port, metavar="N", help="UDP port of every printer (default: a free one)")
    parser.add_argument(
        "--same-address", action="store_true", help="all printers on 127.0.0.1, on consecutive ports (for macOS)"
    )
    parser.add_argument(
        "--rate", type=_rate, default=1.0, metavar="X", help="run time X times as fast, from a year ago until now"
    )
    return parser.parse_args(arguments)


def _clock(rate: float) -> Clock:
    return WallClock() if rate == 1 else SimulatedClock.running_from(datetime.now(UTC) - _PAST, rate=rate)


def main(arguments: list[str] | None = None) -> int:
    """Serves until interrupted; 0 then, 2 when it could not."""
    options = _parse(arguments)
    ended = threading.Event()
    # Set by hand: a shell starts background jobs with the interrupt ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        fleet = SimulatedFleet(
            clock=_clock(options.rate), walks=options.walks, same_address=options.same_address, port=options.port
        )
        fleet.start()
    except (RecordingError, AddressUnavailableError) as error:
        print(error, file=sys.stderr)  # noqa: T201  a command's own output
        return _USAGE_ERROR
    for printer in fleet.printers:
        note = "  (never answers)" if printer.silent else ""
        print(f"{printer.target:<22} {printer.name}{note}")  # noqa: T201  a command's own output
    print(f"\nTry:  platen-agent read {fleet.printers[0].target} --community {fleet.printers[0].community}")  # noqa: T201
    print(f"Discovery: {' '.join(fleet.discovery_criteria())}\nCtrl-C ends it.", flush=True)  # noqa: T201
    ended.wait()
    fleet.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
