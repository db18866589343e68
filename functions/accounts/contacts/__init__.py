"""Contacts, and whose supplies are delivered to whom."""
