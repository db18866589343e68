"""The commands of `platen-agent`."""
