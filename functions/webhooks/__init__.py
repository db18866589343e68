"""The webhooks context: tells partners' systems what happens, signed and until they have taken it."""
