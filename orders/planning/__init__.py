"""Planning visits: one pure function, used by the preview and by the run that creates the orders (SO-A03 … SO-A14)."""

from .plan import combine_key, plan
from .terms import (
    Existing,
    Forecast,
    IsOpen,
    Line,
    OpenOrder,
    Options,
    Plan,
    PlannedLine,
    PlannedOrder,
    Skipped,
    Standing,
    Terms,
    Window,
)

__all__ = [
    "Existing",
    "Forecast",
    "IsOpen",
    "Line",
    "OpenOrder",
    "Options",
    "Plan",
    "PlannedLine",
    "PlannedOrder",
    "Skipped",
    "Standing",
    "Terms",
    "Window",
    "combine_key",
    "plan",
]
