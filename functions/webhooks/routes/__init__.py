"""Routes of the partner API of webhooks."""
