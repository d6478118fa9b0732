"""The small masters of projects, in the order in which the setup page shows them, and what else knows of them."""

# isort: off
from . import projects, receivables, prices, known

__all__ = ["known", "prices", "projects", "receivables"]
