"""What the orders table keeps: its keys, documents and ports, an order's life, what leaves it."""
