"""Recordings of printers: made, cleaned of names, read back."""
