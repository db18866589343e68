"""The emulator in a process of its own, with each gap that matters to us closed by a named patch."""
