"""The currency of a document as it stood on its day."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrintedCurrency:
    """A code and its decimals, which `money` asks for."""

    code: str
    digits: int
