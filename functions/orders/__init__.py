"""Supplies: forecast, triggers, orders and their fulfilment."""
