"""What partners ask for: webhooks made, seen, edited and ended, tests, and what is sent again."""
