from .count import COUNT_MOVES, CountLineQuerySet, CountQuerySet, CountStatus, StockCount, StockCountLine
from .stock import MoveKind, OnHand, StockMove, StockQuerySet, Warehouse

__all__ = [
    "COUNT_MOVES",
    "CountLineQuerySet",
    "CountQuerySet",
    "CountStatus",
    "MoveKind",
    "OnHand",
    "StockCount",
    "StockCountLine",
    "StockMove",
    "StockQuerySet",
    "Warehouse",
]
