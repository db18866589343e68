from dataclasses import replace

from edge.site.causes import common_causes
from edge.spool.status import Stage
from edge.spool.status_report import PrinterStatus

GOOD = PrinterStatus(
    target="10.1.1.1",
    also_at=(),
    manufacturer="Acme",
    model="Laser 9",
    serial_number="SN-1",
    stage=Stage.ACKNOWLEDGED,
    reason=None,
    since=None,
    answered_by="SNMP v2c, set 'office'",
    read_at=None,
    acknowledged_at=None,
)
SILENT = replace(GOOD, stage=Stage.FOUND, reason="no answer in 2 s")


def at(printer: PrinterStatus, *targets: str, by: str | None = "SNMP v2c, set 'office'") -> list[PrinterStatus]:
    return [replace(printer, target=target, answered_by=by) for target in targets]


def test_a_whole_silent_site_has_one_cause() -> None:
    (cause,) = common_causes(at(SILENT, "10.1.1.1", "10.1.2.1", "10.1.3.1"))

    assert cause.startswith("none of the 3 printers answers: ")


def test_a_silent_network_is_named_with_what_to_check() -> None:
    printers = at(GOOD, "10.1.1.1") + at(SILENT, "10.1.2.1", "10.1.2.2:1161", "10.1.2.250")

    assert common_causes(printers) == [
        "all 3 printers of 10.1.2.0/24 are silent: check the route and the firewalls on the way there"
    ]


def test_a_set_whose_printers_are_all_silent_is_named() -> None:
    office, lab = "SNMP v2c, set 'office'", "SNMP v3, set 'lab'"
    printers = at(GOOD, "10.1.1.1", "10.1.2.1", "10.1.3.1", by=office)
    printers += at(SILENT, "10.1.1.2", "10.1.2.2", "10.1.3.2", by=lab)

    assert common_causes(printers) == [
        "all 3 printers that answered to SNMP v3, set 'lab' are silent: was that community or user changed on them?"
    ]


def test_a_few_printers_that_are_off_have_nothing_in_common() -> None:
    assert common_causes(at(GOOD, "10.1.1.1", "10.1.1.2") + at(SILENT, "10.1.1.3", "10.1.1.4", "10.1.1.5")) == []
    assert common_causes(at(SILENT, "10.1.1.3", "10.1.1.4")) == []


def test_printers_of_ipv6_and_with_names_are_told_too() -> None:
    silent = at(SILENT, "[fd00::1]:161", "[fd00::2]", "[fd00::3]", "printer.example")

    assert common_causes(at(GOOD, "10.1.1.1") + silent) == [
        "all 3 printers of fd00::/64 are silent: check the route and the firewalls on the way there"
    ]
