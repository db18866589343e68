"""The list of printers: filters, orders, columns, tags, saved views, supply levels."""
