"""What partners and new agents ask for: activation, agents as partners see them."""
