"""What becomes of the readings of an upload."""
