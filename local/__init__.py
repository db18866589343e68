"""The local stack: the synthesized template deployed into a pinned AWS emulator on loopback."""
