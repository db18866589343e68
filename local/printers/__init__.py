"""Simulated printers: SNMP agents on loopback, of our own models or of recordings."""
