"""For whom goods are kept. Apps to the right of this one say what they know of it: projects their requirements."""

from collections.abc import Callable, Sequence

from servicemgmt.masterdata.models import Item

from .models import Warehouse

type Keeper = Callable[[Item, Warehouse], Sequence[str]]

KEEPERS: list[Keeper] = []

#: How many a refusal names.
MOST_TOLD = 5


def register(keeper: Keeper) -> None:
    """Have refusals name for whom the goods are kept there; called when the app is ready."""
    KEEPERS.append(keeper)


def kept_for(item: Item, warehouse: Warehouse) -> str:
    """For whom goods of the item are kept in the warehouse, as far as a sentence holds."""
    names = [name for keeper in KEEPERS for name in keeper(item, warehouse)]
    return ", ".join(names[:MOST_TOLD]) + (", …" if len(names) > MOST_TOLD else "")
