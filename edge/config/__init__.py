"""The agent's one configuration file."""
