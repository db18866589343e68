"""What a printer's alerts mean: which still stand, what each asks for, what problem it is, what ended."""
