"""Tests of functions.ingest."""
