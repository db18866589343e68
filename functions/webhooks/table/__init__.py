"""The keys of the webhooks table, what is kept in it and by whom, and the ports of the use cases."""
