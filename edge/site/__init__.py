"""The agent at its site: where printers are, who is where, and the loops that read them."""
