"""Planning visits: one pure function, used by the preview and by the run that creates the orders (SO-A03 … SO-A14)."""

from .plan import combine_key, plan
from .terms import (
    WHOLE_DAY,
    Existing,
    Forecast,
    Hours,
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
    "WHOLE_DAY",
    "Existing",
    "Forecast",
    "Hours",
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
