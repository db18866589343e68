"""Entitlement, terms, the nine statuses and enrolment."""
