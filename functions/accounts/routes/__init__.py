"""Routes of the partner API of the accounts."""
