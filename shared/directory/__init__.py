"""Read-only views of what one context keeps and another needs (design D2)."""
