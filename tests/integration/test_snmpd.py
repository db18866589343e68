"""The agent's reader against an independent peer: net-snmp's snmpd, in every version, level and protocol it has.

snmpd serves the rows of one of our printers; what is read is compared with what net-snmp's own `snmpwalk` reads.
"""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.polls import answers_kept
from bench.snmpd import Snmpd, found
from edge.reading.reader import Reader, ReaderLimits, ReadError
from edge.snmp.codec import Absent, Value
from edge.snmp.credentials import AuthProtocol, CredentialSet, PrivProtocol, SnmpVersion
from edge.snmp.targets import Target
from local.printers.clock import WallClock
from local.printers.fleet import model_printer
from local.printers.models.colour import XEROX_C8000
from local.printers.rows import Oid
from shared.wire.reading import PrinterReading
from tests.support.edge import FixedClock

WALK = shutil.which("snmpbulkwalk")
pytestmark = pytest.mark.skipif(found() is None or WALK is None, reason="net-snmp (snmpd, snmp) is not installed")

HOST = "127.0.0.1"
SIGNING, HIDING = "signing-words", "hiding-words"
QUICK = ReaderLimits(timeout_seconds=1.0, retries=1)


def v3(auth: AuthProtocol | None = None, priv: PrivProtocol | None = None) -> CredentialSet:
    user = f"{auth or 'nobody'}{priv or ''}".replace("-", "").lower()
    signing, hiding = SIGNING if auth else "", HIDING if priv else ""
    kinds = {"auth": auth, "auth_password": signing, "priv": priv, "priv_password": hiding}
    return CredentialSet(name=f"v3 {auth} {priv}", version=SnmpVersion.V3, user=user, **kinds)  # type: ignore[arg-type] # each of its own kind


USERS = [
    v3(),
    *(v3(auth) for auth in AuthProtocol),
    *(v3(auth, PrivProtocol.AES128) for auth in AuthProtocol),
    *(v3(AuthProtocol.SHA1, priv) for priv in (PrivProtocol.DES, PrivProtocol.AES192, PrivProtocol.AES256)),
    *(v3(AuthProtocol.SHA512, priv) for priv in (PrivProtocol.AES192, PrivProtocol.AES256)),
    v3(AuthProtocol.MD5, PrivProtocol.DES),
]
COMMUNITIES = [CredentialSet(name="v1", version=SnmpVersion.V1), CredentialSet(name="v2c")]
STRONG = v3(AuthProtocol.SHA256, PrivProtocol.AES128)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def printer_at(folder: Path, port: int) -> Snmpd:
    rows = dict(model_printer(XEROX_C8000, clock=WallClock()).view().below(()))
    return Snmpd(folder, f"{HOST}:{port}", rows, USERS)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    number = free_port()
    with printer_at(tmp_path_factory.mktemp("snmpd"), number):
        yield number


def read(port: int, *credentials: CredentialSet) -> PrinterReading:
    async def once() -> PrinterReading:
        async with Reader(FixedClock(), limits=QUICK) as reader:
            return await reader.read(Target(HOST, port, credentials))

    return asyncio.run(once())


def content(reading: PrinterReading) -> dict[str, object]:
    """All but its own id and the set that was answered."""
    return reading.model_dump(exclude={"reading_id", "credentials"})


def walked(port: int, *words: str) -> dict[str, str]:
    """What net-snmp's own command reads: values as it writes them, octets in hex."""
    command = [str(WALK), *words, "-m", "", "-OnextUq", f"{HOST}:{port}", ".1.3.6.1"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.splitlines()
    found: dict[str, str] = {}
    name = ""
    for line in lines:
        if line.startswith(".1.3"):
            name, _, value = line.partition(" ")
            found[name] = value.strip('" ')
        else:  # a long string goes on
            found[name] += " " + line.strip(chr(34) + " ")
    return found


def as_written(value: Value) -> str:
    if isinstance(value, bytes):
        return value.hex(" ").upper()
    return "." + ".".join(map(str, value)) if isinstance(value, tuple) else str(value)


def values_read(port: int, credentials: CredentialSet) -> dict[Oid, Value]:
    with answers_kept() as kept:
        read(port, credentials)
    (answers,) = kept.values()
    return {
        column + index: value
        for column, cells in answers.columns.items()
        for index, value in cells.items()
        if not isinstance(value, Absent)
    }


@pytest.mark.parametrize("credentials", [*COMMUNITIES, *USERS], ids=lambda each: each.name)
def test_the_same_is_read_in_every_version_level_and_protocol(port: int, credentials: CredentialSet) -> None:
    reading = read(port, credentials)

    assert reading.identity.serial_number == XEROX_C8000.serial
    assert [supply.description for supply in reading.supplies or []]
    assert reading.credentials == credentials.told_name
    assert content(reading) == content(read(port, COMMUNITIES[1]))


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (COMMUNITIES[1], ("-v2c", "-c", "public")),
        (
            STRONG,
            ("-v3", "-l", "authPriv", "-u", STRONG.user, "-a", "SHA-256", "-A", SIGNING, "-x", "AES", "-X", HIDING),
        ),
    ],
    ids=["v2c", "v3"],
)
def test_every_value_is_the_one_that_snmpwalk_reads(
    port: int, credentials: CredentialSet, words: tuple[str, ...]
) -> None:
    theirs = walked(port, *words)

    ours = {f".{'.'.join(map(str, name))}": as_written(value) for name, value in values_read(port, credentials).items()}

    assert len(ours) > 60
    assert ours == {name: theirs.get(name) for name in ours}


@pytest.mark.parametrize(
    "wrong",
    [
        replace(STRONG, auth_password="not-" + SIGNING),
        replace(STRONG, user="stranger"),
        replace(STRONG, auth=AuthProtocol.SHA1),
        replace(STRONG, priv=None, priv_password=""),
        replace(v3(), user=STRONG.user),
    ],
    ids=["password", "user", "protocol", "level", "no signature"],
)
def test_credentials_that_are_refused_are_named_without_a_secret(port: int, wrong: CredentialSet) -> None:
    with pytest.raises(ReadError) as refused:
        read(port, wrong)

    assert refused.value.stage == "answer"
    assert wrong.name in refused.value.message
    assert not {wrong.user, SIGNING, HIDING} & set(refused.value.message.replace("'", " ").split())


def test_a_wrong_encryption_password_is_no_answer_and_not_a_wrong_value(port: int) -> None:
    with pytest.raises(ReadError) as refused:
        read(port, replace(STRONG, priv_password="not-" + HIDING))

    assert refused.value.stage == "answer"


def test_the_set_that_works_is_found_among_those_that_do_not(port: int) -> None:
    wrong = replace(STRONG, name="wrong", auth_password="not-" + SIGNING)

    assert content(read(port, wrong, STRONG, COMMUNITIES[1])) == content(read(port, STRONG))


def test_a_printer_that_restarted_or_got_another_engine_is_read_on(tmp_path: Path) -> None:
    number = free_port()
    target = Target(HOST, number, (STRONG,))
    snmpd = printer_at(tmp_path, number)

    async def readings() -> list[PrinterReading]:
        async with Reader(FixedClock(), limits=QUICK) as reader:
            snmpd.start()
            taken = [await reader.read(target)]
            snmpd.stop()
            snmpd.start()  # its boots grew: the time we know is outside its window
            taken += [await reader.read(target), await reader.read(target)]
            snmpd.stop()
            snmpd.start(engine_id="another board")  # keys made for the engine before are worth nothing
            return [*taken, await reader.read(target), await reader.read(target)]

    try:
        first, *others = asyncio.run(readings())
    finally:
        snmpd.stop()

    assert first.supplies
    assert [content(each) for each in others] == [content(first)] * len(others)
