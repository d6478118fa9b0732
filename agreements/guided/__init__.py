"""AG-03: a new agreement step by step: header, relations, copied lines. Nothing is made before the last step."""
