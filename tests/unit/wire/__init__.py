"""Tests of shared.wire."""
