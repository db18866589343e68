"""Who is heard, who is silent and why, and how much of a fleet reports."""
