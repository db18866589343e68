"""The built-in models: data written from RFC 3805, RFC 2790 and the IANA enterprise numbers."""
