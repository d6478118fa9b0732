"""Benchmarks. `manage.py bench NAME` runs `bench/NAME.py`, which measures both sides of a comparison in one run.

A benchmark is a module with a docstring that says what is compared with what, and a function
`measure() -> Iterable[Comparison]` that builds what it needs, measures, and cleans up.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_ROUNDS = 3


@dataclass(frozen=True)
class Comparison:
    """Ours beside the other side, in the same unit, one figure a round, the rounds interleaved; smaller is better."""

    name: str
    ours: Sequence[float]
    theirs: Sequence[float]
    at_most: float
    unit: str = "ms"

    def __post_init__(self) -> None:
        if len(self.ours) != len(self.theirs) or len(self.ours) < LEAST_ROUNDS:
            raise ValueError(f"{self.name}: {LEAST_ROUNDS} rounds or more, of both sides")

    @property
    def ratios(self) -> list[float]:
        """Of each round."""
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.ratios)

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.at_most
