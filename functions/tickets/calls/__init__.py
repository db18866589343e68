"""Service calls: their life, at most one a family of alerts, how they are kept, what is announced."""
