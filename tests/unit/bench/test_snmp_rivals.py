"""How other readers and peers are set up, and where the printers of a benchmark are."""

from itertools import pairwise

import pytest

from bench.exporter import Exporter
from bench.fleets import many_printers, spread
from bench.printer_process import StandingClock
from bench.serving import addresses
from bench.snmpd import _row_line, _user_lines
from edge.snmp.credentials import AuthProtocol, CredentialSet, PrivProtocol, SnmpVersion
from local.printers.rows import counter, integer, object_id, octets, text

V3 = CredentialSet(
    name="v3",
    version=SnmpVersion.V3,
    user="reader",
    auth=AuthProtocol.SHA256,
    auth_password="signing-words",
    priv=PrivProtocol.AES128,
    priv_password="hiding-words",
)


def test_dead_and_slow_printers_are_evenly_apart_and_never_the_same() -> None:
    dead, slow = spread(50, 500), spread(25, 500, shift=1)

    assert (len(dead), len(slow)) == (50, 25)
    assert not set(dead) & set(slow)
    assert {after - before for before, after in pairwise(dead)} == {10}


def test_addresses_are_loopback_and_none_ends_in_0_or_255() -> None:
    found = list(addresses(600))

    assert len(set(found)) == 600
    assert all(each.startswith("127.0.3") and each.rpartition(".")[2] not in {"0", "255"} for each in found)


def test_printers_of_a_benchmark_have_identities_of_their_own_and_the_tables_of_real_ones() -> None:
    printers = many_printers(30, 3, StandingClock())

    serials = [printer.identity.serial for printer in printers if printer.identity.serial]
    assert len(serials) == len(set(serials))
    assert sum(printer.silent for printer in printers) == 3
    assert all(sum(1 for _ in printer.view().below(())) > 240 for printer in printers)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (integer(-3), "override 1.3.6 integer -3"),
        (counter(7), "override 1.3.6 counter 7"),
        (text("A\n"), "override 1.3.6 octet_str 0x410a"),
        (octets(b""), 'override 1.3.6 octet_str ""'),
        (object_id((1, 3, 9)), "override 1.3.6 object_id 1.3.9"),
    ],
)
def test_a_row_is_written_as_snmpd_reads_it(value: object, written: str) -> None:
    assert _row_line((1, 3, 6), value) == written  # type: ignore[arg-type] # a row's value


def test_a_user_of_snmpd_may_read_at_his_level_only() -> None:
    assert _user_lines(V3) == [
        'createUser reader SHA-256 "signing-words" AES "hiding-words"',
        "rouser reader priv",
    ]


def test_the_exporter_is_told_of_a_user_in_its_own_words() -> None:
    version, auth = Exporter("none", V3)._auth()

    assert version == 3
    assert (auth["security_level"], auth["auth_protocol"], auth["priv_protocol"]) == ("authPriv", "SHA256", "AES")
    assert Exporter("none", CredentialSet(name="c", community="public"))._auth() == (2, {"community": "public"})
