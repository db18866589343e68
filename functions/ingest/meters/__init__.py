"""The meter ledger: days, epochs, breaks, manual reads, usage, gaps."""
