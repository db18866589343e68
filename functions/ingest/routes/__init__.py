"""Routes of the partner API of the fleet."""
