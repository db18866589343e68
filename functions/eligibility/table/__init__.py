"""The keys of the eligibility table, what is kept in it, and the ports of the use cases."""
