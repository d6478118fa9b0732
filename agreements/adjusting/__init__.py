"""Changing the prices of many agreements at once from a day on: prepared, applied by a run, taken back as a whole."""
