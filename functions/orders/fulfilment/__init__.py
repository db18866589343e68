"""Orders on their way, the partners that fulfil them, and what the partner API shows of both."""
