"""What the synthesized templates promise."""
