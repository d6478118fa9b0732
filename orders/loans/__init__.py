"""Loans: what a customer has of ours while his own object is repaired."""
