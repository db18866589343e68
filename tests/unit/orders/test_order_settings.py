"""What partners set about ordering changes when a cartridge is ordered, and is kept with the decision (ENT-02, D19)."""

import pytest

from functions.orders.supplies.limits import DEFAULT_LIMITS, OrderLimits
from functions.orders.supplies.triggers import trigger_of
from functions.orders.table.models import Confidence, OrderState, Trigger
from shared.directory.inherited import SettingName, resolve
from shared.wire.printer_mib import LevelState
from tests.support.order_scenes import Scene, low
from tests.support.orders import NOW, a_forecast, a_position

PERCENT = LevelState.PERCENT


def test_the_defaults_are_those_of_the_registry() -> None:
    assert OrderLimits.of({name: each.value for name, each in resolve([]).items()}) == DEFAULT_LIMITS


def test_a_higher_floor_orders_at_a_higher_level() -> None:
    blind = a_forecast(level=None, confidence=Confidence.NONE)
    position = a_position(percent=9.0)

    assert trigger_of(position, blind, PERCENT, NOW) is None
    assert trigger_of(position, blind, PERCENT, NOW, OrderLimits(floor_points=10)) is Trigger.FLOOR


def test_a_greater_reserve_orders_sooner() -> None:
    position, forecast = a_position(percent=20.0), a_forecast(level=20.0, demand=9.0)

    assert trigger_of(position, forecast, PERCENT, NOW) is None
    assert trigger_of(position, forecast, PERCENT, NOW, OrderLimits(reserve_points=15)) is Trigger.PREDICTED


@pytest.mark.parametrize(("days", "state"), [(None, OrderState.HELD), (9, OrderState.HELD), (11, OrderState.APPROVED)])
def test_a_reading_is_too_old_to_send_a_cartridge_by_when_its_site_says_so(days: int | None, state: OrderState) -> None:
    scene = Scene()
    scene.around.settings = {SettingName.SILENCE_STALE: days} if days else {}

    scene.read(low(), hours_later=10 * 24)

    assert scene.order.state is state


def test_a_decision_keeps_the_settings_it_was_taken_under() -> None:
    scene = Scene()
    scene.around.settings = {SettingName.EXTRA_COVER: 9}

    scene.read(low())

    decided = [each for each in scene.store.decisions.values() if each.order_id == scene.order.order_id]
    assert decided[0].settings["order_extra_cover_days"] == 9
    assert decided[0].settings["silence_stale_days"] == 3
    assert decided[0].forecast is not None
    assert decided[0].forecast.horizon_days == 7 + 9
