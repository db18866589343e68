"""Alerts to service calls with SLA clocks."""
