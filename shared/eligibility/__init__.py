"""The rule of eligibility: the nine statuses, what decides between them, the programme's models (ELG-01)."""
