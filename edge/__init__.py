"""platen-agent: reads printers at the site and sends what changed."""
