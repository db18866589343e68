"""The tests, by layer of the pyramid."""
