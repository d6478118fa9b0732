"""Lists: one declaration gives a table with search, filters, sorting, paging and export, its state in the URL."""

from .page import list_page
from .spec import Action, Column, ListSpec, Row, Tab

__all__ = ["Action", "Column", "ListSpec", "Row", "Tab", "list_page"]
