"""Step 5: eligibility of every printer, and enrolment of those that may join."""

from typing import Any

from local.demo.progress import eventually, expect
from local.demo.world import World

_WORKFLOW_SECONDS = 40
MAX_PAGES = 900_000


def prepare_programme(world: World) -> None:
    """The operator's catalogue, and the entitlement: partner first, then its customer (ENR-04)."""
    models = {
        (printer["manufacturer"], printer["model"])
        for printer in world.printers()
        if printer["manufacturer"] and printer["model"] and printer["model"] not in _outside_programme(world)
    }
    for manufacturer, model in sorted(models):
        world.operator.put(
            "/v1/programme-models",
            {"manufacturer": manufacturer, "model": model, "max_lifetime_count": MAX_PAGES},
        )
    world.operator.post("/v1/entitlements", {"organization_id": world.ids["partner"], "programme": "mps"})
    world.progress.say(f"{len(models)} models are in the programme")


def assign_contact(world: World) -> None:
    """Every printer but the last gets the delivery contact: the last one shows the missing one."""
    printer_ids = [printer["printer_id"] for printer in world.printers()]
    keep = {_managed_need(world, serial) for serial in _needed_serials(world)}
    without = next(printer_id for printer_id in reversed(printer_ids) if printer_id not in keep)
    world.dealer.post(
        "/v1/contact-assignments",
        {
            "contact_id": world.ids["contact"],
            "printer_ids": [printer_id for printer_id in printer_ids if printer_id != without],
        },
    )


def evaluate(world: World) -> dict[str, Any]:
    """All printers in the nine statuses with every blocker; the counts add up to the fleet."""
    evaluation = world.dealer.post("/v1/eligibility-evaluations", {"organization_id": world.ids["customer"]})
    counts = evaluation["counts"]
    expect(len(counts) == 9, f"nine statuses are expected, {len(counts)} came")  # noqa: PLR2004 - ELG-01
    expect(
        sum(counts.values()) == len(world.printers()),
        f"the counts {counts} do not add up to {len(world.printers())} printers",
    )
    said = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    world.progress.say(f"eligibility: {said}")
    return evaluation


def enrol(world: World, evaluation: dict[str, Any]) -> list[str]:
    """Entitle the customer, accept the terms, enrol the eligible; all of them become managed."""
    dealer, customer = world.dealer, world.ids["customer"]
    dealer.post("/v1/entitlements", {"organization_id": customer, "programme": "mps"})
    terms = dealer.get("/v1/terms")
    dealer.post(
        "/v1/terms-acceptances",
        {"organization_id": customer, "terms_version": terms["version"], "sha256": terms["sha256"]},
    )
    eligible = [each["printer_id"] for each in evaluation["printers"] if each["status"] == "eligible"]
    expect(eligible, "no printer is eligible")
    request = dealer.post(
        "/v1/enrolments",
        {"organization_id": customer, "printer_ids": eligible, "terms_version": terms["version"]},
    )
    enrolment_id = request["enrolment_id"]

    def all_managed() -> dict[str, Any] | None:
        again = dealer.get(f"/v1/enrolments/{enrolment_id}")
        states = {each["outcome"] for each in again["printers"]}
        expect(not states & {"rejected", "refused"}, f"a printer was rejected: {again['printers']}")
        return again if states == {"managed"} else None

    eventually(all_managed, "every enrolled printer to be managed", seconds=_WORKFLOW_SECONDS)
    world.progress.say(f"{len(eligible)} eligible printers enrolled by workflow {enrolment_id}")
    return eligible


def _outside_programme(world: World) -> set[str]:
    return {
        printer.identity.model
        for printer in world.fleet.printers
        if not printer.in_programme and printer.identity.model is not None
    }


def _needed_serials(world: World) -> list[str]:
    needed = [world.fleet.for_purpose(purpose) for purpose in world.purposes]
    return [printer.identity.serial for printer in needed if printer.identity.serial]


def _managed_need(world: World, serial: str) -> str:
    printer_id = world.printer_id(serial)
    expect(printer_id, f"the printer with serial number {serial} is not in the fleet")
    return printer_id or ""
