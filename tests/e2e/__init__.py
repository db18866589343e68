"""What only a deployed stack can prove: run with ``--stack``, skipped without."""
