"""Routes of the partner API of eligibility."""
