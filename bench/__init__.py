"""Benchmarks. `manage.py bench NAME` runs `bench/NAME.py`, which measures both sides of a comparison in one run.

A benchmark is a module with a docstring that says what is compared with what, and a function
`measure() -> Iterable[Comparison]` that builds what it needs, measures, and cleans up.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """Ours beside the other side, in the same unit, measured in the same run; smaller is better."""

    name: str
    ours: float
    theirs: float
    at_most: float
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.at_most
