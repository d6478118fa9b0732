"""An agreement before it is in force: a quote, what the customer says to it, and his signature."""
