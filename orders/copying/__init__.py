"""Copying lines into an order, from a template of agreements or from another order (AG-15, AG-16)."""
