"""From a reading to the disk: what changed, what waits, what was sent."""
