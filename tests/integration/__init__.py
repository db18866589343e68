"""Tests on the template deployed into the local stack."""
