"""The back end: one bounded context a folder, one table a context (design D1)."""
