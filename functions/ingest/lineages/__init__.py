"""What becomes of printers: merged, split, moved, handed from agent to agent."""
