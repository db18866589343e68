"""The way to the server: identity, HTTPS, uploads, configuration."""
