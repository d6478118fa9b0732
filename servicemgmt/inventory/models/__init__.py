from .count import COUNT_MOVES, CountLineQuerySet, CountQuerySet, CountStatus, StockCount, StockCountLine
from .lot import Lot, LotOnHand, LotOnHandQuerySet, LotQuerySet
from .stock import MoveKind, OnHand, StockMove, StockQuerySet, Warehouse

__all__ = [
    "COUNT_MOVES",
    "CountLineQuerySet",
    "CountQuerySet",
    "CountStatus",
    "Lot",
    "LotOnHand",
    "LotOnHandQuerySet",
    "LotQuerySet",
    "MoveKind",
    "OnHand",
    "StockCount",
    "StockCountLine",
    "StockMove",
    "StockQuerySet",
    "Warehouse",
]
