"""Copying lines into an order, from an agreement, a template or another order (AG-15, AG-16)."""
