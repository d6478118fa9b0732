"""Small masters: one declaration gives list, form, end-dating, history, export, import and help (`/setup/`)."""

from .registry import SETUPS, Child, Setup, register

__all__ = ["SETUPS", "Child", "Setup", "register"]
