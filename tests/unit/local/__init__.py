"""Tests of the local stack that start nothing."""
