"""Contact files: read, carried out row by row, reported on."""
