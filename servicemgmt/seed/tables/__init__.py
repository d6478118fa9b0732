"""The demonstration company's masters as plain rows: code, description and what else the kind needs."""

from . import books, firm, service
from .firm import COMPANY

__all__ = ["COMPANY", "books", "firm", "service"]
