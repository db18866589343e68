"""How an agent proves who it is: activation codes, public keys, tokens."""
