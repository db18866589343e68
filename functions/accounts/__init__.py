"""Organisations, sites, contacts and API keys."""
