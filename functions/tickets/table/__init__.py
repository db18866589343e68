"""The keys of the tickets table, what is kept in it, and the ports of the use cases."""
