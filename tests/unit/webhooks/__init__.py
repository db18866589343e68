"""Unit tests of the webhooks context."""
