"""Step 7: a fuser failure opens one call that resolves itself; an empty tray opens none."""

from typing import Any

from local.demo.progress import eventually, expect
from local.demo.world import World
from local.printers.device import Purpose

_CRITICAL, _FIELD_SERVICE, _UNTRAINED = 3, 5, 3
_MARKER_GROUP, _INPUT_GROUP = 10, 8
_FUSER_THERMISTOR_FAILURE, _INPUT_MEDIA_SUPPLY_EMPTY = 1004, 808
_CALL_SECONDS = 40


def fuser_fails(world: World) -> dict[str, Any]:
    """Both alerts at once; one call, for the fuser, with its due times."""
    fuser = world.fleet.for_purpose(Purpose.FUSER_FAILURE)
    tray = world.fleet.for_purpose(Purpose.PAPER_EMPTY)
    tray.behaviour.raise_alert(_CRITICAL, _UNTRAINED, _INPUT_GROUP, 1, _INPUT_MEDIA_SUPPLY_EMPTY, "Tray 1 is empty")
    index = fuser.behaviour.raise_alert(
        _CRITICAL, _FIELD_SERVICE, _MARKER_GROUP, 1, _FUSER_THERMISTOR_FAILURE, "50.2 Fuser error"
    )
    printer_id = world.printer_id(fuser.identity.serial or "") or ""
    call = eventually(
        lambda: next((each for each in _calls(world, printer_id) if each["family"] == "fuser_thermal"), None),
        "a service call for the fuser",
        seconds=_CALL_SECONDS,
    )
    details = world.dealer.get(f"/v1/service-calls/{call['call_id']}")
    due = {name: clock["due_at"] for name, clock in details["clocks"].items()}
    expect(set(due) == {"acknowledge", "on_site", "resolve"}, f"the call's clocks are {sorted(due)}")
    world.progress.say(f"call {call['call_id']} P{call['priority']} '{call['title']}', on site by {due['on_site']}")
    world.ids["fuser_alert"] = str(index)
    return details


def fuser_recovers(world: World, call: dict[str, Any]) -> list[dict[str, Any]]:
    """The alert goes, the call resolves itself; the empty tray never opened one."""
    fuser = world.fleet.for_purpose(Purpose.FUSER_FAILURE)
    fuser.behaviour.clear_alert(int(world.ids["fuser_alert"]))

    def resolved() -> dict[str, Any] | None:
        details = world.dealer.get(f"/v1/service-calls/{call['call_id']}")
        return details if details["state"] == "resolved" else None

    details = eventually(resolved, f"call {call['call_id']} to resolve itself", seconds=_CALL_SECONDS)
    expect(details["cause"] == "self_cleared", f"the call's cause is {details['cause']}")
    fuser_calls = [each for each in _calls(world, call["printer_id"]) if each["family"] == "fuser_thermal"]
    expect(len(fuser_calls) == 1, f"the fuser failure made {len(fuser_calls)} calls")
    tray = world.fleet.for_purpose(Purpose.PAPER_EMPTY)
    tray_id = world.printer_id(tray.identity.serial or "") or ""
    for_paper = [each for each in _calls(world, tray_id) if "paper" in each["family"]]
    expect(not for_paper, f"the empty tray opened {for_paper}")
    world.progress.say("the call resolved itself; the empty tray opened none")
    return list(world.dealer.items("/v1/service-calls"))


def _calls(world: World, printer_id: str) -> list[dict[str, Any]]:
    return list(world.dealer.items("/v1/service-calls", printer_id=printer_id))
