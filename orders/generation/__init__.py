"""Orders that create themselves from agreements: preview and run share `Loaded.plan` (SO-A01 … SO-A19)."""

from .foresee import start_preview
from .load import Loaded, load
from .nightly import night, start_nightly
from .run import start_generation

__all__ = ["Loaded", "load", "night", "start_generation", "start_nightly", "start_preview"]
