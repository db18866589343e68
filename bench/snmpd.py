"""net-snmp's snmpd as a printer: a child process on loopback with the rows of one of ours, over v1, v2c and v3."""

import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Self

from edge.snmp.credentials import CredentialSet, SnmpVersion
from local.printers.rows import Oid, Tag, Value

PROGRAM: Final = "snmpd"
COMMUNITY: Final = "public"
_MODULES: Final = "override,usmConf,usmUser,vacm_conf,vacm_vars,snmpEngine"
"""All that is needed to serve rows from the configuration; nothing of this computer is served."""
_TYPES: Final = {
    Tag.INTEGER: "integer",
    Tag.OCTET_STRING: "octet_str",
    Tag.OBJECT_IDENTIFIER: "object_id",
    Tag.COUNTER32: "counter",
    Tag.GAUGE32: "unsigned",
    Tag.TIME_TICKS: "timeticks",
}
_LEVELS: Final = {(False, False): "noauth", (True, False): "auth", (True, True): "priv"}
_START_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 5.0
_READY: Final = "NET-SNMP version"


class SnmpdFailed(RuntimeError):
    """snmpd did not start; the message is the end of its log."""


def found() -> str | None:
    """The path of an installed snmpd; Debian has it where services are."""
    return shutil.which(PROGRAM) or shutil.which(PROGRAM, path="/usr/sbin:/usr/local/sbin")


class Snmpd:
    """A running snmpd; a context manager that ends it.

    Args:
        folder: of its own, for its configuration and for what it remembers of its engine.
        address: ``host:port`` on loopback.
        rows: what it serves. Rows of IP addresses are left out: its configuration cannot hold them.
        users: v3 users; sets of other versions are left out, they have `COMMUNITY`.
    """

    def __init__(
        self, folder: Path, address: str, rows: Mapping[Oid, Value], users: Iterable[CredentialSet] = ()
    ) -> None:
        self._folder = folder
        self._address = address
        self._lines = [f"rocommunity {COMMUNITY}"]
        for user in users:
            if user.version is SnmpVersion.V3:
                self._lines += _user_lines(user)
        self._lines += [_row_line(oid, value) for oid, value in rows.items() if value.tag in _TYPES]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, engine_id: str | None = None) -> None:
        """Start it, again after `stop`: its engine has booted once more. With ``engine_id`` (text) it is another one.

        Raises:
            SnmpdFailed: it did not start.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        settings, log = self._folder / "settings.conf", self._folder / "log"
        engine = [f"engineID {engine_id}"] if engine_id else []
        settings.write_text("\n".join([*engine, *self._lines, ""]), "utf-8")
        log.unlink(missing_ok=True)
        command = [found() or PROGRAM, "-f", "-C", "-Lf", str(log), "-c", str(settings), "-I", _MODULES]
        environment = {"SNMP_PERSISTENT_DIR": str(self._folder / "kept"), "MIBS": "", "SNMPCONFPATH": str(self._folder)}
        self._process = subprocess.Popen([*command, f"udp:{self._address}"], env=environment)  # noqa: S603 - fixed arguments
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            if log.is_file() and _READY in log.read_text("utf-8", "replace"):
                return
            time.sleep(0.02)
        self.stop()
        raise SnmpdFailed(log.read_text("utf-8", "replace")[-500:] if log.is_file() else "it left no log")

    def stop(self) -> None:
        """End it; what it knows of its engine stays."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _user_lines(user: CredentialSet) -> list[str]:
    words = ["createUser", user.user]
    if user.auth is not None:
        words += [user.auth.value, f'"{user.auth_password}"']
    if user.priv is not None:
        words += [user.priv.value.removesuffix("-128"), f'"{user.priv_password}"']
    level = _LEVELS[user.auth is not None, user.priv is not None]
    return [" ".join(words), f"rouser {user.user} {level}"]


def _row_line(oid: Oid, value: Value) -> str:
    content = value.content
    if isinstance(content, bytes):
        written = f"0x{content.hex()}" if content else '""'
    else:
        written = str(content) if isinstance(content, int) else ".".join(map(str, content))
    return f"override {'.'.join(map(str, oid))} {_TYPES[value.tag]} {written}"
