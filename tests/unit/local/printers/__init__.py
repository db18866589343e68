"""Unit tests of the simulated printers."""
