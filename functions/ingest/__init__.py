"""Agents and what they send: activation, uploads, printers, meters, day roll-ups."""
