"""The fleet table: its keys, its documents, what leaves it, and by what a printer is known in it."""
