"""What people should know before they credit an invoice. Apps to the right say it of prices that they keep."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from servicemgmt.core.models import User
from servicemgmt.core.web import may_enter

from ..models import Invoice


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence, where what it tells of is shown, and whether it still holds."""

    text: str
    url: str
    label: str
    holds: bool


FINDERS: list[Callable[[Invoice], Iterable[Note]]] = []


def register(find: Callable[[Invoice], Iterable[Note]]) -> None:
    """Ask this function too; called when its app is ready."""
    FINDERS.append(find)


def price_notes(invoice: Invoice, user: User) -> list[Note]:
    """Which updates of prices made what was invoiced, and whether they hold: crediting takes none of them back, so the
    old price is back only where the update is undone too (billing-rules 63)."""
    found = [note for find in FINDERS for note in find(invoice)]
    return [note if may_enter(user, note.url) else replace(note, url="") for note in found]
