"""From an event of the bus to its last attempt: fan-out, queue, attempts, back-off, what is sent again."""
