"""State machines on an ASL interpreter, with the real task code."""
