"""From a reading to an order: positions, usage, forecast, triggers, guards."""
