"""AG-17: the prices of an agreement: its own price list, what its lines cost today and why."""
