"""Organisations and the sites that belong to them, and the keys of the accounts table."""
