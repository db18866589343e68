"""Settings that resolve down the tree."""
