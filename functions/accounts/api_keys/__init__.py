"""API keys: their text, scopes and networks, their life."""
